package org.lens4j.viz;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.viz.TextTable.Side;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * Any Tablesaw table as text and HTML: numbers to the right with four significant digits, spaces kept, and of a long
 * table the first and last twenty rows.
 *
 * <pre>{@code
 * Rendering shown = TableView.of(GridTable.of(grid));
 * }</pre>
 */
public final class TableView {
    private static final int EDGE = 20;

    private TableView() {}

    /** The table, with a caption that says how large it is. */
    public static Rendering of(Table table) {
        return Rendering.of(text(table)).withHtml(html(table));
    }

    private static String text(Table table) {
        List<Side> sides = new ArrayList<>();
        List<String> header = new ArrayList<>();
        for (Column<?> column : table.columns()) {
            sides.add(numeric(column) ? Side.RIGHT : Side.LEFT);
            header.add(column.name());
        }
        TextTable text = new TextTable(sides).row(header);
        int before = -1;
        for (int row : shown(table)) {
            if (row != before + 1) {
                text.row(table.columns().stream().map(column -> "…").toList());
            }
            int at = row;
            text.row(table.columns().stream().map(column -> cell(column, at)).toList());
            before = row;
        }
        return caption(table) + "\n" + text.text();
    }

    private static String html(Table table) {
        StringBuilder out = new StringBuilder("<div class=\"" + TokenText.NO_FORMULA + "\" style=\"overflow-x:auto\">"
                + "<table style=\"border-collapse:collapse;margin:0;text-align:left;color:inherit\">"
                + "<caption style=\"caption-side:top;text-align:left;white-space:nowrap;color:inherit\">");
        out.append(TokenText.html(caption(table))).append("</caption><thead>").append(tr(0));
        for (Column<?> column : table.columns()) {
            out.append("<th scope=\"col\" style=\"")
                    .append(style(column))
                    .append(";border-bottom:1px solid #808080\">");
            out.append(TokenText.html(column.name())).append("</th>");
        }
        out.append("</tr></thead><tbody>");
        int before = -1;
        int lines = 0;
        for (int row : shown(table)) {
            if (row != before + 1) {
                out.append(tr(lines++));
                table.columns().forEach(column -> out.append(td(column, "…")));
                out.append("</tr>");
            }
            out.append(tr(lines++));
            for (Column<?> column : table.columns()) {
                out.append(td(column, cell(column, row)));
            }
            out.append("</tr>");
            before = row;
        }
        return out.append("</tbody></table></div>").toString();
    }

    /** Every second line is a little greyer. A notebook's own stripes are those of its light theme, whatever is behind them. */
    private static String tr(int line) {
        return "<tr style=\"background:" + (line % 2 == 0 ? "transparent" : "rgba(128,128,128,.12)") + "\">";
    }

    private static String td(Column<?> column, String text) {
        return "<td style=\"" + style(column) + "\">" + TokenText.html(text) + "</td>";
    }

    private static String style(Column<?> column) {
        return "padding:2px 10px;white-space:pre;text-align:" + (numeric(column) ? "right" : "left");
    }

    private static String caption(Table table) {
        String name = table.name() == null || table.name().isEmpty() ? "" : table.name() + ": ";
        String size = name + counted(table.rowCount(), "row") + " × " + counted(table.columnCount(), "column");
        return table.rowCount() <= 2 * EDGE ? size : size + ", the first and last %d rows shown".formatted(EDGE);
    }

    private static String counted(int count, String thing) {
        return count + " " + thing + (count == 1 ? "" : "s");
    }

    private static List<Integer> shown(Table table) {
        int rows = table.rowCount();
        return IntStream.range(0, rows)
                .filter(row -> rows <= 2 * EDGE || row < EDGE || row >= rows - EDGE)
                .boxed()
                .toList();
    }

    private static boolean numeric(Column<?> column) {
        return column instanceof NumericColumn;
    }

    private static String cell(Column<?> column, int row) {
        if (column.isMissing(row)) {
            return "";
        }
        return column instanceof NumericColumn<?> numbers
                ? Numerals.significant(numbers.getDouble(row))
                : column.getString(row);
    }
}
