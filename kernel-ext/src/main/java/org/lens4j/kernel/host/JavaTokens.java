package org.lens4j.kernel.host;

/**
 * Walks over Java source token by token, as far as telling code from comments, strings and text blocks needs. Words and
 * numbers are one token each, so are ++ and --, every other code character is its own.
 */
final class JavaTokens {
    private static final String TEXT_BLOCK = "\"\"\"";

    private final String source;
    private int at;
    private int start;

    JavaTokens(String source) {
        this.source = source;
    }

    /** Skips blanks and comments and moves over the next token; false at the end. */
    boolean next() {
        skipBlanksAndComments();
        start = at;
        if (at >= source.length()) {
            return false;
        }
        char c = source.charAt(at);
        if (source.startsWith(TEXT_BLOCK, at)) {
            at = endOfTextBlock(at + TEXT_BLOCK.length());
        } else if (c == '"' || c == '\'') {
            at = endOfLiteral(at + 1, c);
        } else if (isWordPart(c)) {
            at = endOfWord(at);
        } else if (source.startsWith("++", at) || source.startsWith("--", at)) {
            at += 2;
        } else {
            at++;
        }
        return true;
    }

    /** Where the last token began. */
    int start() {
        return start;
    }

    /** Where the last token ended. */
    int end() {
        return at;
    }

    /** Goes on at this offset. */
    void moveTo(int offset) {
        at = offset;
    }

    String text() {
        return source.substring(start, at);
    }

    /** Whether only blanks stand between the beginning of the line and the last token. */
    boolean isFirstOnLine() {
        for (int i = start - 1; i >= 0 && source.charAt(i) != '\n'; i--) {
            if (!Character.isWhitespace(source.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private void skipBlanksAndComments() {
        while (at < source.length()) {
            if (Character.isWhitespace(source.charAt(at))) {
                at++;
            } else if (source.startsWith("//", at)) {
                at = orEnd(source.indexOf('\n', at));
            } else if (source.startsWith("/*", at)) {
                int close = source.indexOf("*/", at + 2);
                at = close < 0 ? source.length() : close + 2;
            } else {
                return;
            }
        }
    }

    private int endOfTextBlock(int from) {
        int i = from;
        while (i < source.length() && !source.startsWith(TEXT_BLOCK, i)) {
            i += source.charAt(i) == '\\' ? 2 : 1;
        }
        return Math.min(i + TEXT_BLOCK.length(), source.length());
    }

    /** A literal that is not closed ends with its line. */
    private int endOfLiteral(int from, char quote) {
        int i = from;
        while (i < source.length() && source.charAt(i) != quote && source.charAt(i) != '\n') {
            i += source.charAt(i) == '\\' && i + 1 < source.length() && source.charAt(i + 1) != '\n' ? 2 : 1;
        }
        boolean closed = i < source.length() && source.charAt(i) == quote;
        return Math.min(closed ? i + 1 : i, source.length());
    }

    private int endOfWord(int from) {
        int i = from;
        while (i < source.length() && isWordPart(source.charAt(i))) {
            i++;
        }
        return i;
    }

    private int orEnd(int index) {
        return index < 0 ? source.length() : index;
    }

    private static boolean isWordPart(char c) {
        return Character.isJavaIdentifierPart(c);
    }
}
