package org.lens4j.config;

/** Bounds that several records check. */
final class Checks {
    private static final int MOST_LAYERS = 1_000;

    private Checks() {}

    /** A number that is believed: somebody will make so many of something. */
    static void layers(String field, int count) {
        positive(field, count);
        if (count > MOST_LAYERS) {
            throw new IllegalArgumentException("%d layers are more layers than any model has.".formatted(count));
        }
    }

    static void positive(String field, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(field + " must be more than 0, not " + written(value) + ".");
        }
    }

    static void notNegative(String field, double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(field + " must not be less than 0, but is " + written(value) + ".");
        }
    }

    private static String written(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }
}
