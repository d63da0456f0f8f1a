package org.lens4j.kernel.host.jjava;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Optional;
import org.dflib.jjava.jupyter.kernel.magic.MagicTranspiler;
import org.dflib.jjava.jupyter.kernel.magic.ParsedCellMagic;
import org.dflib.jjava.jupyter.kernel.magic.ParsedLineMagic;
import org.lens4j.kernel.host.MagicText;

/**
 * What JJava makes of the magics it finds in a cell, with ours as calls of our own. It finds them by a regular expression
 * that cannot be replaced, so a line of a text block that begins with one of our magics is taken for it, as with its own.
 */
final class JJavaCells extends MagicTranspiler {
    private final MagicTranspiler before;
    private final MagicText text;

    JJavaCells(MagicTranspiler before, MagicText text) {
        this.before = before;
        this.text = text;
    }

    @Override
    public String transpileLine(ParsedLineMagic magic) {
        String usual = before.transpileLine(magic);
        Optional<String> raw = field(magic, "unparsedMagic", "raw");
        Optional<String> prefix = field(magic, "magicLinePrefix", "linePrefix");
        // What stands in a string is given back as it was.
        return raw.filter(it -> !it.equals(usual))
                .flatMap(it -> prefix.flatMap(above -> text.line(above, it)))
                .orElse(usual);
    }

    @Override
    public String transpileCell(ParsedCellMagic magic) {
        return before.transpileCell(magic);
    }

    /** A public field under the name it has in one version or the other. */
    private static Optional<String> field(Object magic, String... names) {
        for (Field field : magic.getClass().getFields()) {
            if (List.of(names).contains(field.getName())) {
                return text(field, magic);
            }
        }
        return Optional.empty();
    }

    private static Optional<String> text(Field field, Object magic) {
        try {
            return Optional.ofNullable((String) field.get(magic));
        } catch (ReflectiveOperationException e) {
            return Optional.empty();
        }
    }
}
