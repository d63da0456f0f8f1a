package org.lens4j.train.features;

/** Mean and variance of rows that are seen once. */
final class Moments {
    private final double[] sums;
    private double squares;
    private long count;

    Moments(int width) {
        this.sums = new double[width];
    }

    /** Adds whole rows, row-major. */
    void add(float[] rows) {
        for (int i = 0; i < rows.length; i++) {
            sums[i % sums.length] += rows[i];
            squares += (double) rows[i] * rows[i];
        }
        count += rows.length / sums.length;
    }

    long count() {
        return count;
    }

    float[] mean() {
        float[] mean = new float[sums.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = (float) (sums[i] / count);
        }
        return mean;
    }

    /** The mean squared distance of a row from the mean row. */
    double variance() {
        double ofMean = 0;
        for (double sum : sums) {
            ofMean += sum / count * (sum / count);
        }
        return squares / count - ofMean;
    }
}
