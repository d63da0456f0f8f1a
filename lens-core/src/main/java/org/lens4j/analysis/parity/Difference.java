package org.lens4j.analysis.parity;

/**
 * How far two lists of numbers are apart. Infinities of the same sign are equal; a NaN on either side is infinitely far.
 *
 * @param absolute the largest difference
 * @param relative the largest difference over 1 + the size of the expected number, so that one tolerance serves small and
 *     large numbers
 * @param index where the largest relative difference is; 0 if all numbers are equal
 */
public record Difference(double absolute, double relative, int index) {
    /**
     * Compares number by number.
     *
     * @param expected the reference
     * @param actual as many
     */
    public static Difference of(float[] expected, float[] actual) {
        double absolute = 0;
        double relative = 0;
        int index = 0;
        for (int i = 0; i < expected.length; i++) {
            if (expected[i] == actual[i]) {
                continue;
            }
            double apart = Math.abs((double) actual[i] - expected[i]);
            double scaled = apart / (1 + Math.abs((double) expected[i]));
            absolute = Math.max(absolute, Double.isNaN(apart) ? Double.POSITIVE_INFINITY : apart);
            double counted = Double.isNaN(scaled) ? Double.POSITIVE_INFINITY : scaled;
            if (counted > relative) {
                relative = counted;
                index = i;
            }
        }
        return new Difference(absolute, relative, index);
    }
}
