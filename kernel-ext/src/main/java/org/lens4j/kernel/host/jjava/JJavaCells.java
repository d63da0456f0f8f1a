package org.lens4j.kernel.host.jjava;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dflib.jjava.jupyter.kernel.magic.MagicTranspiler;
import org.dflib.jjava.jupyter.kernel.magic.ParsedCellMagic;
import org.lens4j.kernel.host.MagicText;

/**
 * JJava's reading of cells with our scanner in place of its regular expression, which takes lines of a text block and of
 * a divided expression for magics. Our magics become calls of our own; its own are handed to it.
 */
final class JJavaCells extends MagicTranspiler {
    /**
     * Takes a whole cell for a magic's, so that it comes here as it was written. A cell without a letter, which names no
     * magic, is left to JJava.
     */
    static final Pattern ANY_CELL = Pattern.compile("(?s)(?=.*?(?<args>\\w))(?<argsLine>)(?<body>.*)");

    private static final Pattern CELL = Pattern.compile("(?s)%%([A-Za-z_][\\w-]*)([^\\n]*)\\n(.+)");

    private final UnaryOperator<String> before;
    private final MagicText text;

    /**
     * With a reader before it.
     *
     * @param before JJava's own: the Java for a cell
     */
    JJavaCells(UnaryOperator<String> before, MagicText text) {
        this.before = before;
        this.text = text;
    }

    @Override
    public String transpileCell(ParsedCellMagic whole) {
        return cell(field(whole, "rawCell", "cellBodyAfterMagic"));
    }

    private String cell(String source) {
        if (source.startsWith("%%")) {
            Matcher magic = CELL.matcher(source);
            return Optional.of(magic)
                    .filter(Matcher::matches)
                    .flatMap(it -> text.cell(it.group(1), it.group(2), it.group(3)))
                    .orElseGet(() -> before.apply(source));
        }
        return text.lines(source, (prefix, raw) -> line(prefix.stripTrailing(), raw));
    }

    /** What a magic becomes depends on what stands before it on its line; the blanks between the two are its own. */
    private String line(String prefix, String raw) {
        return before.apply(prefix + raw).substring(prefix.length());
    }

    /** A public field under the name it has in one version or the other. */
    private static String field(Object magic, String... names) {
        for (Field field : magic.getClass().getFields()) {
            if (List.of(names).contains(field.getName())) {
                try {
                    return (String) field.get(magic);
                } catch (IllegalAccessException e) {
                    throw new IllegalStateException("The field " + field + " cannot be read.", e);
                }
            }
        }
        throw new IllegalStateException(
                "A cell in JJava has none of the fields %s. Report this with the version of JJava."
                        .formatted(List.of(names)));
    }
}
