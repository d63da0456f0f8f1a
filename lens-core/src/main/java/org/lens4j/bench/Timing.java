package org.lens4j.bench;

import java.util.Arrays;

/**
 * Times two kinds of work in turn, so that a slow minute of the machine hits both, and which comes first changes from pair to
 * pair, so that a machine that slows down or speeds up favours neither.
 *
 * @param repetitions of each that count, after a few that do not
 */
record Timing(int repetitions) {
    private static final int WARM_UP = 3;
    private static final int FINER = 4;

    /**
     * Medians.
     *
     * @param ours milliseconds
     * @param theirs milliseconds
     * @param ratio the median of the pairs' ratios
     */
    record Pair(double ours, double theirs, double ratio) {}

    /** More pairs, for ratios of which a few hundredths matter. */
    Timing finer() {
        return new Timing(FINER * repetitions);
    }

    Pair pair(Runnable ours, Runnable theirs) {
        double[] our = new double[repetitions];
        double[] their = new double[repetitions];
        double[] ratios = new double[repetitions];
        for (int i = -WARM_UP; i < repetitions; i++) {
            boolean oursFirst = i % 2 == 0;
            double first = once(oursFirst ? ours : theirs);
            double second = once(oursFirst ? theirs : ours);
            if (i >= 0) {
                our[i] = oursFirst ? first : second;
                their[i] = oursFirst ? second : first;
                ratios[i] = our[i] / their[i];
            }
        }
        return new Pair(median(our), median(their), median(ratios));
    }

    /** Each once, for work that takes long and was warmed up by other work. */
    static Pair single(Runnable ours, Runnable theirs) {
        double first = once(ours);
        double second = once(theirs);
        return new Pair(first, second, first / second);
    }

    /** The median of all, in milliseconds. */
    double median(Runnable work) {
        double[] all = new double[repetitions];
        for (int i = -WARM_UP; i < repetitions; i++) {
            double time = once(work);
            if (i >= 0) {
                all[i] = time;
            }
        }
        return median(all);
    }

    /** The fastest of all, in milliseconds: what the machine can do. */
    double fastest(Runnable work) {
        double fastest = Double.MAX_VALUE;
        for (int i = -WARM_UP; i < repetitions; i++) {
            fastest = Math.min(fastest, once(work));
        }
        return fastest;
    }

    private static double once(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e6;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
