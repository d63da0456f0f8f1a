package org.lens4j.viz;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Aligned columns for a fixed-width font.
 *
 * <pre>{@code TextTable.of(2, TextTable.Side.LEFT).row("layers", "4").row("heads", "8").text()}</pre>
 */
public final class TextTable {
    private static final String GAP = "  ";

    /** Which side the entries of a column share. */
    public enum Side {
        /** Words. */
        LEFT,
        /** Numbers. */
        RIGHT
    }

    private final List<Side> sides;
    private final List<List<String>> rows = new ArrayList<>();

    /**
     * A table without rows.
     *
     * @param sides one for each column
     */
    public TextTable(List<Side> sides) {
        this.sides = List.copyOf(sides);
    }

    /** Columns that are all aligned on the same side. */
    public static TextTable of(int columns, Side side) {
        return new TextTable(Collections.nCopies(columns, side));
    }

    /** Adds a row: at most as many cells as there are columns. */
    public TextTable row(List<String> cells) {
        rows.add(List.copyOf(cells));
        return this;
    }

    /** Adds a row: at most as many cells as there are columns. */
    public TextTable row(String... cells) {
        return row(List.of(cells));
    }

    /** The table, lines separated by a line feed, no spaces at the ends of lines. */
    public String text() {
        int[] widths = new int[sides.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                String pad = " ".repeat(widths[i] - width(row.get(i)));
                line.append(i == 0 ? "" : GAP)
                        .append(sides.get(i) == Side.RIGHT ? pad : "")
                        .append(row.get(i))
                        .append(sides.get(i) == Side.LEFT ? pad : "");
            }
            lines.add(line.toString().stripTrailing());
        }
        return String.join("\n", lines);
    }

    /** How many columns of a terminal the text takes; East Asian characters take two. */
    static int width(String text) {
        return text.codePoints().map(TextTable::width).sum();
    }

    private static int width(int point) {
        if (Character.getType(point) == Character.NON_SPACING_MARK) {
            return 0;
        }
        boolean wide = Character.isIdeographic(point)
                || (point >= 0x1100 && point <= 0x115f)
                || (point >= 0x3000 && point <= 0x30ff)
                || (point >= 0xac00 && point <= 0xd7a3)
                || (point >= 0xff01 && point <= 0xff60)
                || (point >= 0x1f300 && point <= 0x1faff);
        return wide ? 2 : 1;
    }
}
