package org.lens4j.viz;

/** Amounts of memory as readers want them. */
public final class ByteText {
    private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB"};
    private static final int STEP = 1000;

    private ByteText() {}

    /** Three digits and a unit, for example {@code 61.4 kB}; decimal units. */
    public static String readable(long bytes) {
        double amount = bytes;
        int unit = 0;
        while (amount >= STEP && unit < UNITS.length - 1) {
            amount /= STEP;
            unit++;
        }
        return unit == 0
                ? bytes + " B"
                : "%.3g %s".formatted(amount, UNITS[unit]).replace("e+03", "000");
    }
}
