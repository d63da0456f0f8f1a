package org.lens4j.kernel.magic;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits the rest of a magic's line into arguments: at blanks, with {@code "double"} and {@code 'single'} quotes
 * grouping, also inside a word ({@code name="a b"}). A backslash is an ordinary character, so a Windows path needs no
 * care, and a single quote right after a letter is an apostrophe ({@code don't}).
 */
public final class MagicLine {
    private static final char NONE = 0;

    private MagicLine() {}

    /** The arguments in {@code rest}. A quote that is not closed is an ordinary character. */
    public static List<String> split(String rest) {
        List<String> args = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        boolean inWord = false;
        char quote = NONE;
        for (int i = 0; i < rest.length(); i++) {
            char c = rest.charAt(i);
            if (quote != NONE) {
                if (c == quote) {
                    quote = NONE;
                } else {
                    word.append(c);
                }
            } else if (opensGroup(rest, i)) {
                quote = c;
                inWord = true;
            } else if (Character.isWhitespace(c)) {
                if (inWord) {
                    args.add(word.toString());
                    word.setLength(0);
                    inWord = false;
                }
            } else {
                word.append(c);
                inWord = true;
            }
        }
        if (inWord) {
            args.add(word.toString());
        }
        return List.copyOf(args);
    }

    private static boolean opensGroup(String rest, int at) {
        char c = rest.charAt(at);
        boolean apostrophe = c == '\'' && at > 0 && Character.isLetterOrDigit(rest.charAt(at - 1));
        return (c == '"' || c == '\'') && !apostrophe && rest.indexOf(c, at + 1) >= 0;
    }
}
