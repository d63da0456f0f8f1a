package org.lens4j.kernel.host.ijava;

import io.github.spencerpark.jupyter.kernel.magic.CellMagicParseContext;
import io.github.spencerpark.jupyter.kernel.magic.LineMagicParseContext;
import io.github.spencerpark.jupyter.kernel.magic.MagicParser;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.lens4j.kernel.host.MagicText;

/**
 * IJava's reading of cells with our scanner in place of its regular expression, which takes lines of a text block and of
 * a divided expression for magics. Our magics become calls of our own; its own are handed to it.
 */
final class IJavaCells extends MagicParser {
    private final MagicParser before;
    private final MagicText text;

    IJavaCells(MagicParser before, MagicText text) {
        this.before = before;
        this.text = text;
    }

    @Override
    public String transformLineMagics(String cell, Function<LineMagicParseContext, String> transformer) {
        @Nullable CellMagicParseContext whole = before.parseCellMagic(cell);
        if (whole != null) {
            String line = whole.getRawArgsLine();
            String name = whole.getMagicCall().getName();
            String rest = line.substring(line.indexOf(name) + name.length());
            return text.cell(name, rest, whole.getMagicCall().getBody()).orElse(cell);
        }
        return text.lines(cell, (prefix, raw) -> before.transformLineMagics(raw, transformer));
    }

    /** IJava asks this first; a cell of ours is no cell of its own. */
    @Override
    public @Nullable CellMagicParseContext parseCellMagic(String cell) {
        @Nullable CellMagicParseContext whole = before.parseCellMagic(cell);
        return whole == null || text.isOurs(whole.getMagicCall().getName()) ? null : whole;
    }
}
