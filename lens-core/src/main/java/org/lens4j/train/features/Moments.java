package org.lens4j.train.features;

/** Mean and variance of rows that are seen once. */
final class Moments {
    private final double[] sums;
    private final double[] squares;
    private long count;

    Moments(int width) {
        this.sums = new double[width];
        this.squares = new double[width];
    }

    /** Adds whole rows, row-major. */
    void add(float[] rows) {
        for (int i = 0; i < rows.length; i++) {
            sums[i % sums.length] += rows[i];
            squares[i % sums.length] += (double) rows[i] * rows[i];
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

    /** The standard deviation of each number of a row; at least {@code least}. */
    float[] spread(float least) {
        float[] spread = new float[sums.length];
        for (int i = 0; i < spread.length; i++) {
            spread[i] = (float) Math.max(Math.sqrt(Math.max(0, variance(i))), least);
        }
        return spread;
    }

    /** The mean squared distance of a row from the mean row. */
    double variance() {
        double sum = 0;
        for (int i = 0; i < sums.length; i++) {
            sum += variance(i);
        }
        return sum;
    }

    private double variance(int i) {
        double mean = sums[i] / count;
        return squares[i] / count - mean * mean;
    }
}
