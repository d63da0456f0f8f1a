package org.lens4j.kernel.notebook;

import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Java source as HTML with one span per token that has a colour. Knows magics: {@code %name} where a line or an
 * assignment begins, and {@code %%name}, whose body is prose. Reads tokens, not grammar: what is broken stays readable.
 */
final class JavaHighlighter {
    private static final Pattern TOKEN = Pattern.compile("""
            (?<comment>//[^\\n]*|/\\*(?s:.*?)(?:\\*/|\\z))\
            |(?<string>""\"(?s:(?:\\\\.|[^\\\\])*?)(?:""\"|\\z)|"(?:\\\\.|[^"\\\\\\n])*+"?|'(?:\\\\.|[^'\\\\\\n])*+'?)\
            |(?<annotation>@[A-Za-z_][\\w.]*)\
            |(?<number>\\b(?:0[xX][\\da-fA-F_]+|0[bB][01_]+|\\d[\\d_]*(?:\\.[\\d_]*)?(?:[eE][+-]?\\d+)?)[lLfFdD]?\\b)\
            |(?<word>[\\p{L}_$][\\p{L}\\p{N}_$]*)\
            |(?<magic>(?<=^|=|\\n)[ \\t]*%[A-Za-z_][^\\n]*)""");
    private static final Pattern CELL_MAGIC = Pattern.compile("\\A\\s*%%[^\\n]*");
    private static final Pattern TYPE = Pattern.compile("\\p{Lu}[\\p{L}\\p{N}_$]*\\p{Ll}[\\p{L}\\p{N}_$]*|\\p{Lu}");
    private static final Set<String> KEYWORDS = Set.of(
            "abstract",
            "assert",
            "boolean",
            "break",
            "byte",
            "case",
            "catch",
            "char",
            "class",
            "continue",
            "default",
            "do",
            "double",
            "else",
            "enum",
            "extends",
            "false",
            "final",
            "finally",
            "float",
            "for",
            "if",
            "implements",
            "import",
            "instanceof",
            "int",
            "interface",
            "long",
            "native",
            "new",
            "null",
            "package",
            "permits",
            "private",
            "protected",
            "public",
            "record",
            "return",
            "sealed",
            "short",
            "static",
            "super",
            "switch",
            "synchronized",
            "this",
            "throw",
            "throws",
            "transient",
            "true",
            "try",
            "var",
            "void",
            "volatile",
            "while",
            "yield");

    private JavaHighlighter() {}

    /**
     * Colours a cell.
     *
     * @param source Java with magics
     * @return escaped HTML; without its tags it is the source
     */
    static String toHtml(String source) {
        Matcher cell = CELL_MAGIC.matcher(source);
        if (cell.find()) {
            return magic(cell.group()) + Html.escape(source.substring(cell.end()));
        }
        StringBuilder out = new StringBuilder();
        Matcher token = TOKEN.matcher(source);
        int from = 0;
        while (token.find()) {
            out.append(Html.escape(source.substring(from, token.start()))).append(span(token));
            from = token.end();
        }
        return out.append(Html.escape(source.substring(from))).toString();
    }

    private static String span(Matcher token) {
        String text = token.group();
        if (token.group("magic") != null) {
            return magic(text);
        }
        if (token.group("word") != null) {
            return KEYWORDS.contains(text)
                    ? span("k", text)
                    : TYPE.matcher(text).matches() ? span("t", text) : Html.escape(text);
        }
        String kind = token.group("comment") != null
                ? "c"
                : token.group("string") != null ? "s" : token.group("annotation") != null ? "a" : "n";
        return span(kind, text);
    }

    /** The magic's name stands out, what follows it is its arguments. */
    private static String magic(String line) {
        String name = line.replaceFirst("(?s)^(\\s*%%?[A-Za-z_]\\w*).*$", "$1");
        String arguments = line.substring(name.length());
        return span("m", name) + (arguments.isEmpty() ? "" : span("ma", arguments));
    }

    private static String span(String kind, String text) {
        return "<span class=\"%s\">%s</span>".formatted(kind, Html.escape(text));
    }
}
