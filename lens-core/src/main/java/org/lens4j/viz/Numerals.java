package org.lens4j.viz;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers as readers want them. */
final class Numerals {
    private static final double SMALLEST_PLAIN = 1e-4;
    private static final double LARGEST_PLAIN = 1e7;

    private Numerals() {}

    /**
     * Four significant digits: {@code 0.8321}, {@code -12.35}, {@code 3.100e-06}; nothing for NaN.
     *
     * @param value any number
     */
    static String significant(double value) {
        return significant(value, 4);
    }

    /**
     * So many significant digits, without an exponent where that stays short; whole numbers stay whole.
     *
     * @param value any number
     * @param digits at least 1
     */
    static String significant(double value, int digits) {
        if (Double.isNaN(value)) {
            return "";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        double size = Math.abs(value);
        if (size < LARGEST_PLAIN && value == Math.rint(value)) {
            return Long.toString((long) value);
        }
        if (size < SMALLEST_PLAIN || size >= LARGEST_PLAIN) {
            return String.format(Locale.ROOT, "%." + (digits - 1) + "e", value);
        }
        BigDecimal rounded = new BigDecimal(value).round(new MathContext(digits));
        return rounded.setScale(Math.max(0, rounded.scale()), java.math.RoundingMode.UNNECESSARY)
                .toPlainString();
    }

    /**
     * As many digits after the point as a column of numbers up to that size needs for three significant ones in its
     * largest: {@code 3.20} beside {@code -0.02}.
     *
     * @param value any number
     * @param largest the largest size in the column
     */
    static String aligned(double value, double largest) {
        if (!Double.isFinite(value) || largest < SMALLEST_PLAIN || largest >= LARGEST_PLAIN) {
            return significant(value, 3);
        }
        String text = String.format(Locale.ROOT, "%." + decimals(largest) + "f", value);
        return text.startsWith("-") && Double.parseDouble(text) == 0 ? text.substring(1) : text;
    }

    /**
     * How many digits after the point numbers up to that size need for three significant ones in their largest; 0 to 9.
     *
     * @param largest more than 0
     */
    static int decimals(double largest) {
        return (int) Math.max(0, Math.min(9, 2 - Math.floor(Math.log10(largest))));
    }

    /** A probability with four digits after the point; one that would be shown as zero says so. */
    static String fine(float probability) {
        return probability > 0 && probability < SMALLEST_PLAIN
                ? "<0.0001"
                : String.format(Locale.ROOT, "%.4f", probability);
    }

    /** A probability with two digits after the point. */
    static String probability(float value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
