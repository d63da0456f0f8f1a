package org.lens4j.viz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.knowm.xchart.HeatMapChart;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.ShapeException;
import org.lens4j.viz.TextTable.Side;

/**
 * A grid of one or two axes as a heat map: first axis down, second across. Numbers of both signs are shown around zero
 * (blue = up, red = down), others from dark to bright; NaN stays empty.
 *
 * <pre>{@code
 * Rendering shown = Heatmap.of(grid);            // [layer pos]
 * HeatMapChart chart = Heatmap.toXChart(grid);   // to go on with XChart
 * }</pre>
 */
public final class Heatmap {
    /** As many columns have room for their numbers. */
    private static final int WRITTEN = 15;

    private static final int TEXT_COLUMNS = 12;
    private static final int TEXT_ROWS = 40;
    /** As many numbers are read whole, whatever their shape; 16 × 16. */
    private static final int TEXT_CELLS = 256;

    private static final int TEXT_WIDTH = 120;
    private static final String FARTHEST = "The cells that stand out most";
    private static final String LOWEST = "The best ranks";
    private static final int STRONGEST = 10;

    private Heatmap() {}

    /**
     * The grid on the scale that fits it.
     *
     * @param grid {@code [columns]} or {@code [rows columns]}
     * @throws ShapeException if it has another number of axes
     */
    public static Rendering of(Grid grid) {
        return of(grid, ColorScale.of(grid));
    }

    /**
     * The grid on a given scale, for pictures that are to be compared.
     *
     * @param grid {@code [columns]} or {@code [rows columns]}
     * @param scale from number to colour
     * @throws ShapeException if it has another number of axes
     */
    public static Rendering of(Grid grid, ColorScale scale) {
        return of(grid, scale, List.of());
    }

    /**
     * The same with more to say.
     *
     * @param more notes beneath those that every heat map has
     */
    static Rendering of(Grid grid, ColorScale scale, List<String> more) {
        Grid matrix = HeadNames.on(upright(grid));
        Pooled small = Pooled.of(matrix);
        List<String> notes = new ArrayList<>();
        notes.add(axes(matrix));
        notes.addAll(more);
        if (!small.note().isEmpty()) {
            notes.add(small.note());
        }
        NumberCells cells = NumberCells.written(small.grid(), scale);
        int longer = small.grid().axes().stream().mapToInt(Axis::size).max().orElse(1);
        Sheet sheet = new Sheet(
                Heading.of(grid.title(), notes, scale, grid.unit()),
                List.of(new Panel("", small.grid(), cells)),
                cells.areWritten() ? Sheet.Layout.written() : Sheet.Layout.square(1, longer));
        String text = text(HeadNames.on(matrix(grid)));
        return Drawn.of(sheet, more.isEmpty() ? text : String.join(" ", more) + "\n" + text, alt(matrix));
    }

    /**
     * The whole grid as an XChart heat map with axes and legend.
     *
     * @param grid {@code [columns]} or {@code [rows columns]}
     * @throws ShapeException if it has another number of axes
     */
    public static HeatMapChart toXChart(Grid grid) {
        return XCharts.chart(matrix(grid), ColorScale.of(grid));
    }

    /**
     * The number of a cell.
     *
     * @param grid where it is
     * @param largest the size the numbers are written for, 0 if they are not written
     */
    record NumberCells(Grid grid, float largest) implements Panel.Cells {
        /** With their numbers in them where there is room. */
        static NumberCells written(Grid grid, ColorScale scale) {
            boolean fits = grid.axes().get(1).size() <= WRITTEN;
            return new NumberCells(grid, fits ? scale.sizeFor(Stream.of(grid)) : 0);
        }

        boolean areWritten() {
            return largest > 0;
        }

        @Override
        public String text(int row, int column) {
            return largest == 0 ? "" : Numerals.aligned(grid.at(row, column), largest);
        }

        @Override
        public String between() {
            return HeadNames.between(grid);
        }
    }

    /** What the axes are, in words. */
    static String axes(Grid matrix) {
        Axis rows = matrix.axes().get(0);
        if (matrix.axes().get(1).name().isEmpty()) {
            return "rows: " + rows.name();
        }
        String columns = "columns: " + matrix.axes().get(1).name();
        return rows.name().isEmpty() ? columns : "rows: " + rows.name() + ", " + columns;
    }

    /** A single axis that is too long to be written across, and not too long for a page, becomes rows of one column. */
    private static Grid upright(Grid grid) {
        boolean tall = grid.rank() == 1
                && grid.axes().get(0).size() > WRITTEN
                && grid.axes().get(0).size() <= TEXT_ROWS;
        return tall
                ? new Grid(
                        grid.title(),
                        grid.unit(),
                        List.of(grid.axes().get(0), new Axis("", List.of(""))),
                        grid.values())
                : matrix(grid);
    }

    /** Two axes in any case; a single one becomes the columns of one row. */
    private static Grid matrix(Grid grid) {
        return switch (grid.rank()) {
            case 1 ->
                new Grid(
                        grid.title(),
                        grid.unit(),
                        List.of(new Axis("", List.of("")), grid.axes().get(0)),
                        grid.values());
            case 2 -> grid;
            default ->
                throw new ShapeException(
                        "A heat map needs one or two axes, \"%s\" has %s. Fix the others with slice(axis, index), or show it with GridView.of(grid)."
                                .formatted(grid.title(), grid.shape()));
        };
    }

    /** The numbers where they fit into a terminal, else the strongest of them. */
    static String text(Grid matrix) {
        Axis rows = matrix.axes().get(0);
        Axis columns = matrix.axes().get(1);
        if (rows.name().isEmpty() && columns.size() <= TEXT_ROWS) {
            TextTable table = new TextTable(List.of(Side.LEFT, Side.RIGHT));
            for (int column = 0; column < columns.size(); column++) {
                table.row(columns.labels().get(column), Numerals.significant(matrix.at(0, column)));
            }
            return head(matrix) + "\n" + table.text();
        }
        boolean small = rows.size() * columns.size() <= TEXT_CELLS;
        if (!small && (columns.size() > TEXT_COLUMNS || rows.size() > TEXT_ROWS)) {
            return "%s. %s:\n%s".formatted(head(matrix), isRank(matrix) ? LOWEST : FARTHEST, standingOut(matrix));
        }
        List<String> strips = new ArrayList<>();
        for (int from = 0; from < columns.size(); ) {
            int until = from + 1;
            while (until < columns.size() && fits(strip(matrix, from, until + 1))) {
                until++;
            }
            strips.add(strip(matrix, from, until));
            from = until;
        }
        return head(matrix) + "\n" + String.join("\n\n", strips);
    }

    private static boolean fits(String table) {
        return table.lines().allMatch(line -> TextTable.width(line) <= TEXT_WIDTH);
    }

    /** Some columns as a table. */
    private static String strip(Grid matrix, int from, int until) {
        Axis rows = matrix.axes().get(0);
        List<Side> sides = new ArrayList<>(List.of(Side.LEFT));
        List<String> header = new ArrayList<>(List.of(""));
        for (String label : matrix.axes().get(1).labels().subList(from, until)) {
            sides.add(Side.RIGHT);
            header.add(TokenText.shortened(label));
        }
        TextTable table = new TextTable(sides).row(header);
        for (int row = 0; row < rows.size(); row++) {
            List<String> line =
                    new ArrayList<>(List.of(TokenText.shortened(rows.labels().get(row))));
            for (int column = from; column < until; column++) {
                line.add(Numerals.significant(matrix.at(row, column)));
            }
            table.row(line);
        }
        return table.text();
    }

    private static String head(Grid matrix) {
        return "%s (%s), %s".formatted(matrix.title(), matrix.unit(), axes(matrix));
    }

    private static String standingOut(Grid matrix) {
        int columns = matrix.axes().get(1).size();
        float[] values = matrix.values();
        float usual = usual(values);
        // The best rank is 0.
        Comparator<Integer> order = isRank(matrix)
                ? Comparator.comparingDouble(flat -> values[flat])
                : Comparator.comparingDouble(flat -> -Math.abs(values[flat] - usual));
        TextTable table = new TextTable(List.of(Side.LEFT, Side.LEFT, Side.RIGHT));
        IntStream.range(0, values.length)
                .boxed()
                .filter(flat -> !Float.isNaN(values[flat]))
                .sorted(order)
                .limit(STRONGEST)
                .forEach(flat -> table.row(
                        matrix.axes().get(0).labels().get(flat / columns),
                        matrix.axes().get(1).labels().get(flat % columns),
                        Numerals.significant(values[flat])));
        return table.text();
    }

    private static boolean isRank(Grid grid) {
        return grid.unit().equals("rank");
    }

    private static String alt(Grid matrix) {
        return "%s: heat map of %s, %s.%s"
                .formatted(matrix.title(), matrix.unit(), axes(matrix), strongestPlace(matrix));
    }

    /**
     * What many numbers are told apart from: 0, or, where they lie on both sides of it, their median. Most patches of a sweep change
     * nothing, and the metric is then what it is without a patch, which is seldom 0.
     */
    private static float usual(float[] values) {
        float[] sorted = values.clone();
        Arrays.sort(sorted);
        // Those that are no numbers stand last.
        int count = sorted.length;
        while (count > 0 && Float.isNaN(sorted[count - 1])) {
            count--;
        }
        return count > 0 && sorted[0] < 0 && sorted[count - 1] > 0 ? sorted[count / 2] : 0;
    }

    /** The number furthest from zero, or the best rank, and its place, as a sentence; empty if there is none. */
    static String strongestPlace(Grid grid) {
        float[] values = grid.values();
        String word = isRank(grid) ? "Best" : "Strongest";
        return IntStream.range(0, values.length)
                .filter(flat -> !Float.isNaN(values[flat]))
                .boxed()
                .max(Comparator.comparingDouble(flat -> isRank(grid) ? -values[flat] : Math.abs(values[flat])))
                .map(flat ->
                        " %s: %s, %s.".formatted(word, HeadNames.name(grid, flat), Numerals.significant(values[flat])))
                .orElse("");
    }
}
