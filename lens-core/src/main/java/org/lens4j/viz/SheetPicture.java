package org.lens4j.viz;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Point;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.viz.Sheet.CellSize;

/** Draws a {@link Sheet}: XChart the cells, Java2D the words. Row labels stand beside the first panel of each row. */
final class SheetPicture {
    private static final int MARGIN = 14;
    /** What panels side by side may take. */
    private static final int WIDEST = 1400;

    private static final int GAP = 22;
    private static final int LINE = 18;
    private static final int LABEL_PITCH = 13;
    private static final int SLANT_PITCH = 18;
    private static final int LINED_CELL = 10;
    private static final int NARROWEST = 440;

    private final Sheet sheet;
    private final CellSize cell;
    private final Graphics2D ruler;
    private final Turn turn;
    private final int left;
    private final int below;
    private final int above;

    /** How the labels under the columns are turned, in degrees. */
    private enum Turn {
        FLAT(0),
        SLANTED(45),
        UPRIGHT(90);

        private final double degrees;

        Turn(double degrees) {
            this.degrees = degrees;
        }
    }

    private SheetPicture(Sheet sheet) {
        this.sheet = sheet;
        this.cell = sheet.layout().cell();
        this.ruler = Ink.pen(Ink.page(1, 1));
        List<String> columns = new ArrayList<>();
        List<String> rows = new ArrayList<>();
        for (Panel panel : sheet.panels()) {
            columns.addAll(shown(panel.columns()));
            rows.addAll(shown(panel.rows()));
        }
        int widest = Ink.widest(ruler, Ink.LABEL, columns);
        this.turn = widest <= cell.width() - 4
                ? Turn.FLAT
                : cell.width() >= 40 ? Turn.FLAT : cell.width() >= SLANT_PITCH ? Turn.SLANTED : Turn.UPRIGHT;
        double lift = Math.sin(Math.toRadians(turn.degrees));
        double reach = turn == Turn.SLANTED ? Math.cos(Math.toRadians(turn.degrees)) * widest - cell.width() / 2.0 : 0;
        this.below = (int) Math.ceil(lift * widest) + LINE + (turn == Turn.FLAT ? 12 : 0);
        this.left = Math.max(Ink.widest(ruler, Ink.LABEL, rows) + 8, (int) Math.ceil(reach));
        this.above = sheet.panels().stream().allMatch(panel -> panel.title().isEmpty()) ? 0 : LINE + 2;
    }

    /** The sheet as a PNG file, at most about 1600 pixels wide. */
    static byte[] png(Sheet sheet) {
        return Ink.png(new SheetPicture(sheet).image());
    }

    private BufferedImage image() {
        int perRow = Math.min(sheet.layout().perRow(), sheet.panels().size());
        int plotWidth = Math.max(widestPlot(), widestTitle(perRow));
        int plotHeight = highestPlot();
        int width = Math.max(left + perRow * (plotWidth + GAP) - GAP, NARROWEST);
        int lines = (sheet.panels().size() + perRow - 1) / perRow;
        int head = sheet.heading().height(ruler, width);
        int height = head + lines * (above + plotHeight + below);
        BufferedImage image = Ink.page(width + 2 * MARGIN, height + 2 * MARGIN);
        Graphics2D g = Ink.pen(image);
        g.translate(MARGIN, MARGIN);
        sheet.heading().draw(g, width);
        for (int i = 0; i < sheet.panels().size(); i++) {
            int x = left + (i % perRow) * (plotWidth + GAP);
            int y = head + above + (i / perRow) * (above + plotHeight + below);
            panel(g, sheet.panels().get(i), plotWidth, new Point(x, y), i % perRow == 0);
        }
        g.dispose();
        return image;
    }

    /** Small maps stand far enough apart for their titles, where the page has room. */
    private int widestTitle(int perRow) {
        List<String> titles = sheet.panels().stream().map(Panel::title).toList();
        return Math.min(Ink.widest(ruler, Ink.HEADING, titles) + 2, WIDEST / perRow - GAP);
    }

    private void panel(Graphics2D g, Panel panel, int room, Point at, boolean first) {
        int x = at.x;
        int y = at.y;
        int width = panel.columns().size() * cell.width();
        int height = panel.rows().size() * cell.height();
        g.setColor(Palette.INK);
        g.setFont(Ink.HEADING);
        Ink.left(g, Ink.fitted(g, Ink.HEADING, panel.title(), room), x, y - 6);
        cells(g, panel, new Rectangle(x, y, width, height));
        g.setColor(Palette.FRAME);
        g.drawRect(x - 1, y - 1, width + 1, height + 1);
        g.setFont(Ink.LABEL);
        texts(g, panel, x, y);
        g.setColor(Palette.INK);
        if (first) {
            rowLabels(g, panel, x - 6, y);
        }
        columnLabels(g, panel, x, y + height + 4);
    }

    private void cells(Graphics2D g, Panel panel, Rectangle plot) {
        boolean nothing = true;
        for (float value : panel.grid().values()) {
            nothing &= Float.isNaN(value);
        }
        if (nothing) {
            return;
        }
        Graphics2D part = (Graphics2D) g.create(plot.x, plot.y, plot.width, plot.height);
        XCharts.paintCells(part, panel.grid(), sheet.legend().scale(), plot.width, plot.height);
        part.setColor(Palette.PAPER);
        for (int x = cell.width(); cell.width() >= LINED_CELL && x < plot.width; x += cell.width()) {
            part.fillRect(x, 0, 1, plot.height);
        }
        for (int y = cell.height(); cell.height() >= LINED_CELL && y < plot.height; y += cell.height()) {
            part.fillRect(0, y, plot.width, 1);
        }
        part.dispose();
    }

    private void texts(Graphics2D g, Panel panel, int x, int y) {
        for (int row = 0; row < panel.rows().size(); row++) {
            for (int column = 0; column < panel.columns().size(); column++) {
                String text = panel.cells().text(row, column);
                if (text.isEmpty() || panel.empty(row, column)) {
                    continue;
                }
                Color behind = sheet.legend().scale().color(panel.grid().at(row, column));
                Rectangle in =
                        new Rectangle(x + column * cell.width(), y + row * cell.height(), cell.width(), cell.height());
                Ink.centered(g, Ink.fitted(g, Ink.LABEL, text, cell.width() - 6), in, Palette.textOn(behind));
            }
        }
    }

    private void rowLabels(Graphics2D g, Panel panel, int x, int y) {
        List<String> labels = shown(panel.rows());
        for (int row = 0; row < labels.size(); row += step(LABEL_PITCH, cell.height())) {
            Ink.right(g, labels.get(row), x, y + row * cell.height() + cell.height() / 2);
        }
    }

    private void columnLabels(Graphics2D g, Panel panel, int x, int y) {
        List<String> labels = shown(panel.columns());
        int pitch = turn == Turn.FLAT ? 1 : turn == Turn.SLANTED ? SLANT_PITCH : LABEL_PITCH;
        for (int column = 0; column < labels.size(); column += step(pitch, cell.width())) {
            int middle = x + column * cell.width() + cell.width() / 2;
            if (turn == Turn.FLAT) {
                String label = Ink.fitted(g, Ink.LABEL, labels.get(column), cell.width() - 2);
                Rectangle in = new Rectangle(x + column * cell.width(), y - 2, cell.width(), LINE);
                Ink.centered(g, label, in, Palette.INK);
            } else {
                Ink.turned(g, labels.get(column), turn.degrees, middle, y + (turn == Turn.SLANTED ? 4 : 0));
            }
        }
    }

    private static int step(int pitch, int size) {
        return (pitch + size - 1) / size;
    }

    private static List<String> shown(Axis axis) {
        return axis.labels().stream().map(TokenText::shortened).toList();
    }

    private int widestPlot() {
        return cell.width()
                * sheet.panels().stream()
                        .mapToInt(panel -> panel.columns().size())
                        .max()
                        .orElse(0);
    }

    private int highestPlot() {
        return cell.height()
                * sheet.panels().stream()
                        .mapToInt(panel -> panel.rows().size())
                        .max()
                        .orElse(0);
    }
}
