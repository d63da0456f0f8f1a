package org.lens4j.kernel.magic;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Splits the rest of a magic's line into arguments: at blanks, with {@code "double"} and {@code 'single'} quotes
 * grouping, also inside a word ({@code name="a b"}). A backslash is an ordinary character, so a Windows path needs no
 * care, and a single quote right after a letter is an apostrophe ({@code don't}). So a quote behind a backslash closes
 * its group; where more follows that shows it was meant to stand in it, the cut says so.
 */
public final class MagicLine {
    private static final char NONE = 0;

    private MagicLine() {}

    /**
     * The first argument, and what stands behind it.
     *
     * @param word without its quotes
     * @param rest from the blank behind it on
     * @param escapes whether a backslash was to keep a quote inside quotes, which it does not
     */
    record Cut(String word, String rest, boolean escapes) {}

    /** The arguments in {@code rest}. A quote that is not closed is an ordinary character. */
    public static List<String> split(String rest) {
        List<String> args = new ArrayList<>();
        for (Optional<Cut> cut = cut(rest); cut.isPresent(); cut = cut(cut.get().rest())) {
            args.add(cut.get().word());
        }
        return List.copyOf(args);
    }

    /** The first argument; empty where there is none. */
    static Optional<Cut> cut(String rest) {
        String text = rest.stripLeading();
        StringBuilder word = new StringBuilder();
        char quote = NONE;
        boolean escapes = false;
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (quote != NONE && c == quote) {
                escapes |= looksEscaped(text, at);
                quote = NONE;
            } else if (quote == NONE && opensGroup(text, at)) {
                quote = c;
            } else if (quote == NONE && Character.isWhitespace(c)) {
                break;
            } else {
                word.append(c);
            }
            at++;
        }
        return text.isEmpty() ? Optional.empty() : Optional.of(new Cut(word.toString(), text.substring(at), escapes));
    }

    /** {@code "C:\dir\"} ends where it seems to; a text goes on, or leaves a quote without its other. */
    private static boolean looksEscaped(String text, int at) {
        boolean backslash = text.charAt(at - 1) == '\\';
        boolean ends = at + 1 == text.length() || Character.isWhitespace(text.charAt(at + 1));
        long more =
                text.chars().skip(at + 1).filter(it -> it == text.charAt(at)).count();
        return backslash && (!ends || more % 2 == 1);
    }

    private static boolean opensGroup(String rest, int at) {
        char c = rest.charAt(at);
        boolean apostrophe = c == '\'' && at > 0 && Character.isLetterOrDigit(rest.charAt(at - 1));
        return (c == '"' || c == '\'') && !apostrophe && rest.indexOf(c, at + 1) >= 0;
    }
}
