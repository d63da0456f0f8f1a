package org.lens4j.text;

import java.util.ArrayList;
import java.util.List;

/**
 * How a token is shown to a reader: spaces, line breaks and control characters become visible, and each position gets a
 * label that no other position has.
 *
 * <pre>{@code
 * TokenLabels.visible(" Mary")                        // ·Mary
 * TokenLabels.labels(List.of("When", " Mary", "\n"))  // 0 When, 1·Mary, 2 ⏎
 * }</pre>
 *
 * The index is followed at once by the token's own space marker, or by a plain space where the token does not begin
 * with a space. A plain space never stands for a space of the token, so {@code "5·store"} and {@code "5 store"} are
 * different tokens.
 */
public final class TokenLabels {
    private static final char SPACE = '·';
    private static final char NEWLINE = '⏎';
    private static final char TAB = '⇥';
    private static final String EMPTY = "∅";

    private TokenLabels() {}

    /**
     * The visible form of one token: {@code ·} for a space, {@code ⏎} for a line feed, {@code ⇥} for a tab,
     * {@code \x07} for any other character that has no picture of its own, {@code ∅} for the empty token.
     *
     * @param token the decoded text of one token
     * @return never empty, without white space
     */
    public static String visible(String token) {
        if (token.isEmpty()) {
            return EMPTY;
        }
        StringBuilder out = new StringBuilder();
        token.codePoints().forEach(point -> append(out, point));
        return out.toString();
    }

    /**
     * One unique label for each position of a prompt: its index, then its token.
     *
     * @param tokens the decoded tokens, in order
     * @return as many labels
     */
    public static List<String> labels(List<String> tokens) {
        List<String> labels = new ArrayList<>(tokens.size());
        for (int pos = 0; pos < tokens.size(); pos++) {
            String token = tokens.get(pos);
            String separator = token.startsWith(" ") ? "" : " ";
            labels.add(pos + separator + visible(token));
        }
        return List.copyOf(labels);
    }

    private static void append(StringBuilder out, int point) {
        switch (point) {
            case ' ' -> out.append(SPACE);
            case '\n' -> out.append(NEWLINE);
            case '\t' -> out.append(TAB);
            default -> {
                if (hasPicture(point)) {
                    out.appendCodePoint(point);
                } else {
                    out.append(point < 0x100 ? "\\x%02X".formatted(point) : "\\x{%04X}".formatted(point));
                }
            }
        }
    }

    private static boolean hasPicture(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SPACE_SEPARATOR -> false;
            default -> true;
        };
    }
}
