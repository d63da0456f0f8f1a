package org.lens4j.viz;

/** The one place where labels are shortened to fit and where text is escaped for HTML. */
public final class TokenText {
    /** The longest label a picture shows; the full text is in the tooltip. */
    static final int LONGEST = 14;

    /**
     * The classes of an element whose dollar signs stay what they are. Notebooks typeset the HTML they show, and would read
     * {@code a cake for $5 and a ring for $7} as a formula.
     */
    public static final String NO_FORMULA = "tex2jax_ignore mathjax_ignore";

    private static final String LEFT_OUT = "…";

    private TokenText() {}

    /**
     * A label of at most 14 characters; a longer one loses its middle: {@code 3·internati…tion}.
     *
     * @param label the visible form of a token, or any label
     */
    public static String shortened(String label) {
        return shortened(label, LONGEST);
    }

    /**
     * A label of at most so many characters, without its middle where it is longer.
     *
     * @param label the visible form of a token, or any label
     * @param longest how many characters may stay, at least 1
     */
    static String shortened(String label, int longest) {
        int[] points = label.codePoints().toArray();
        if (points.length <= longest) {
            return label;
        }
        int tail = (longest - 1) / 3;
        int head = longest - 1 - tail;
        return new String(points, 0, head) + LEFT_OUT + new String(points, points.length - tail, tail);
    }

    /**
     * Text made safe for HTML content and for attribute values; a line break stays one inside an attribute.
     *
     * @param text anything, for example {@code <|endoftext|>}
     */
    public static String html(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                case '\n' -> out.append("&#10;");
                default -> out.append(c);
            }
        }
        return out.toString();
    }
}
