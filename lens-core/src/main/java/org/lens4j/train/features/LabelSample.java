package org.lens4j.train.features;

import java.util.Arrays;
import java.util.Random;

/** A sample of labels in which each label seen has the same chance to be (Vitter's algorithm R, 1985). */
final class LabelSample {
    private final double[] drawn;
    private final Random random;
    private long seen;

    LabelSample(int size, long seed) {
        this.drawn = new double[size];
        this.random = new Random(seed);
    }

    void add(double label) {
        long place = seen < drawn.length ? seen : (long) (random.nextDouble() * (seen + 1));
        seen++;
        if (place < drawn.length) {
            drawn[(int) place] = label;
        }
    }

    double[] labels() {
        return Arrays.copyOf(drawn, (int) Math.min(seen, drawn.length));
    }
}
