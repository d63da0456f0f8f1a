package org.lens4j.viz;

import java.awt.Color;
import java.util.stream.Collectors;
import org.lens4j.analysis.Axis;
import org.lens4j.viz.Sheet.CellSize;

/**
 * Writes a {@link Sheet} as HTML: one table for each panel, a tooltip for each cell. Where no position sees a later one
 * the label of each key stands on top of its column, in the room above the diagonal; elsewhere below the table.
 */
final class SheetHtml {
    private static final int LABEL_PITCH = 11;
    private static final int WIDE_CELL = 40;
    private static final int GAP = 20;
    private static final int LINED_CELL = 10;
    private static final int LABEL_CHARACTER = 7;
    private static final String WIDE_LABEL = "center;white-space:nowrap";
    /** Upright; where the writing mode is taken away by a sanitizer, a few letters to a line. */
    private static final String NARROW_LABEL =
            "left;line-height:12px;white-space:normal;word-break:break-all;writing-mode:vertical-rl";

    private static final String PLAIN_ROW = "background:transparent";

    private final Sheet sheet;
    private final CellSize cell;
    private final int labelWidth;
    private final StringBuilder out = new StringBuilder();

    private SheetHtml(Sheet sheet) {
        this.sheet = sheet;
        this.cell = sheet.layout().html();
        int longest = sheet.panels().stream()
                .flatMap(panel -> panel.rows().labels().stream())
                .mapToInt(label -> TextTable.width(TokenText.shortened(label)))
                .max()
                .orElse(0);
        this.labelWidth = longest * character() + 10;
    }

    /** The sheet as one figure. */
    static String figure(Sheet sheet) {
        SheetHtml html = new SheetHtml(sheet);
        html.tables();
        return "<figure style=\"margin:0\"><figcaption style=\"text-align:left;margin:0 0 8px 0\"><b>"
                + TokenText.html(sheet.title()) + "</b><br />" + legend(sheet)
                + sheet.notes().stream()
                        .map(note -> "<br /><small>" + TokenText.html(note) + "</small>")
                        .collect(Collectors.joining())
                + "</figcaption><div style=\"overflow-x:auto\">" + html.out + "</div></figure>";
    }

    private static String legend(Sheet sheet) {
        ColorScale scale = sheet.legend().scale();
        String stops = scale.palette().stops().stream().map(Palette::hex).collect(Collectors.joining(","));
        return filled(
                "<small>{} <span style=\"display:inline-block;width:140px;height:10px;background:linear-gradient(to right,{})\"></span> {} &#160;{}</small>",
                Numerals.significant(scale.min(), 3),
                stops,
                Numerals.significant(scale.max(), 3),
                TokenText.html(sheet.legend().words()));
    }

    private void tables() {
        for (Panel panel : sheet.panels()) {
            table(panel);
        }
    }

    private void table(Panel panel) {
        int columns = panel.columns().size();
        boolean causal = panel.causal();
        int gap = cell.height() >= LINED_CELL ? 1 : 0;
        add(
                "<table style=\"display:inline-table;table-layout:fixed;width:{}px;border:none;border-collapse:separate;",
                labelWidth + columns * (cell.width() + gap) + 2 * gap);
        add(
                "border-spacing:{}px;font-size:{}px;margin:0 {}px 14px 0;vertical-align:top\">",
                gap,
                small() ? 10 : 12,
                causal ? overhang(panel.columns()) : GAP);
        if (!panel.title().isEmpty()) {
            add(
                    "<caption style=\"caption-side:top;text-align:left;padding:0 0 3px {}px;line-height:16px\"><b>",
                    labelWidth);
            out.append(TokenText.html(panel.title())).append("</b></caption>");
        }
        add(
                "<colgroup><col style=\"width:{}px\" /><col span=\"{}\" style=\"width:{}px\" /></colgroup>",
                labelWidth,
                columns,
                cell.width());
        if (causal) {
            firstKey(panel);
        }
        out.append("<tbody>");
        for (int row = 0; row < panel.rows().size(); row++) {
            row(panel, row, causal);
        }
        out.append("</tbody>");
        if (!causal) {
            columnLabels(panel);
        }
        out.append("</table>");
    }

    private void firstKey(Panel panel) {
        add(
                "<thead style=\"border:none\"><tr style=\"{};height:{}px\"><td style=\"padding:0;border:none\"></td>",
                PLAIN_ROW,
                Math.max(14, cell.height()));
        keyLabel(panel, 0);
        out.append("</tr></thead>");
    }

    private void row(Panel panel, int row, boolean causal) {
        int columns = panel.columns().size();
        add("<tr style=\"{};height:{}px\">", PLAIN_ROW, cell.height());
        rowLabel(panel.rows().labels().get(row), row % step() == 0);
        int until = causal ? row + 1 : columns;
        for (int column = 0; column < until; column++) {
            cell(panel, row, column);
        }
        if (causal && row + 1 < columns) {
            keyLabel(panel, row + 1);
        }
        out.append("</tr>");
    }

    private void cell(Panel panel, int row, int column) {
        if (panel.empty(row, column)) {
            out.append("<td style=\"padding:0\"></td>");
            return;
        }
        Color color = sheet.legend().scale().color(panel.grid().at(row, column));
        String text = panel.cells().text(row, column);
        add("<td style=\"padding:0;background:{}", Palette.hex(color));
        if (!text.isEmpty()) {
            add(";color:{};text-align:center;overflow:hidden;white-space:nowrap", Palette.hex(Palette.textOn(color)));
        }
        out.append("\" title=\"")
                .append(TokenText.html(panel.cells().tip(row, column)))
                .append("\">");
        out.append(TokenText.html(TokenText.shortened(text, cell.width() / LABEL_CHARACTER)))
                .append("</td>");
    }

    private void rowLabel(String label, boolean shown) {
        add(
                "<th scope=\"row\" title=\"{}\" style=\"padding:0 5px 0 0;text-align:right;font-weight:normal;white-space:nowrap;line-height:{}px;border:none\">{}</th>",
                TokenText.html(label),
                lineHeight(),
                shown ? TokenText.html(TokenText.shortened(label)) : "");
    }

    private void keyLabel(Panel panel, int column) {
        String label = panel.columns().labels().get(column);
        String words = column % step() == 0 ? TokenText.html(TokenText.shortened(label)) : "";
        add(
                "<th scope=\"col\" colspan=\"{}\" title=\"{}\" style=\"padding:0 0 0 3px;text-align:left;font-weight:normal;white-space:nowrap;line-height:{}px;opacity:0.75;border:none\">{}</th>",
                panel.columns().size() - column,
                TokenText.html(label),
                lineHeight(),
                words);
    }

    private void columnLabels(Panel panel) {
        add("<tfoot><tr style=\"{}\"><td style=\"padding:0;border:none\"></td>", PLAIN_ROW);
        boolean wide = cell.width() >= WIDE_CELL;
        int step = (LABEL_PITCH + cell.width() - 1) / cell.width();
        for (int column = 0; column < panel.columns().size(); column++) {
            String label = panel.columns().labels().get(column);
            String words = wide || column % step == 0
                    ? TokenText.html(
                            TokenText.shortened(label, wide ? cell.width() / LABEL_CHARACTER : TokenText.LONGEST))
                    : "";
            add(
                    "<th scope=\"col\" title=\"{}\" style=\"padding:3px 0 0 0;font-weight:normal;overflow:hidden;border:none;vertical-align:top;text-align:{}\">{}</th>",
                    TokenText.html(label),
                    wide ? WIDE_LABEL : NARROW_LABEL,
                    words);
        }
        out.append("</tr></tfoot>");
    }

    private boolean small() {
        return cell.height() < LINED_CELL + 2;
    }

    private int character() {
        return small() ? LABEL_CHARACTER - 1 : LABEL_CHARACTER;
    }

    private int step() {
        return (LABEL_PITCH + cell.height() - 1) / cell.height();
    }

    /** How far the last keys' labels reach beyond the last column. */
    private int overhang(Axis keys) {
        int reach = 0;
        for (int key = 0; key < keys.size(); key += step()) {
            int label = TextTable.width(TokenText.shortened(keys.labels().get(key))) * character();
            reach = Math.max(reach, label - (keys.size() - key) * cell.width());
        }
        return reach + GAP;
    }

    private int lineHeight() {
        return Math.min(16, cell.height());
    }

    private void add(String template, Object... values) {
        out.append(filled(template, values));
    }

    /** Puts the values in the places marked {}, without regard to the reader's locale. */
    private static String filled(String template, Object... values) {
        StringBuilder text = new StringBuilder();
        int from = 0;
        for (Object value : values) {
            int place = template.indexOf("{}", from);
            text.append(template, from, place).append(value);
            from = place + 2;
        }
        return text.append(template, from, template.length()).toString();
    }
}
