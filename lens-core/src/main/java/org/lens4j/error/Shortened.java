package org.lens4j.error;

/** What was given, short enough to stand in a sentence. */
public final class Shortened {
    private static final int MOST = 80;

    private Shortened() {}

    /** The text, or its beginning and three dots where it is longer than 80 characters. */
    public static String of(String text) {
        if (text.length() <= MOST) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(MOST - 2)) ? MOST - 2 : MOST - 1;
        return text.substring(0, end) + "…";
    }
}
