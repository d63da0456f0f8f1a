package org.lens4j.viz;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.logits.LogitLens;
import org.lens4j.analysis.logits.Prediction;
import org.lens4j.text.TokenLabels;
import org.lens4j.viz.TextTable.Side;

/**
 * The logit lens as a table: the prompt runs from left to right, the layers from bottom to top, and each cell holds the
 * token the model would predict there, coloured by its probability. The tooltip has the runners-up.
 *
 * <pre>{@code
 * Rendering shown = LogitLensView.of(lens.logitLens(prompt));
 * }</pre>
 */
public final class LogitLensView {
    /** Positions in one line of text, and in one strip of the picture. */
    private static final int TEXT_STRIP = 6;

    private static final int PICTURE_STRIP = 18;
    /** More positions than this are not shown; the last ones are. */
    private static final int MOST = 72;

    private LogitLensView() {}

    /**
     * The lens over every component and position; of a very long prompt the last positions.
     *
     * @param lens components first to last
     */
    public static Rendering of(LogitLens lens) {
        int positions = lens.positions().size();
        int from = Math.max(0, positions - MOST);
        List<String> notes = new ArrayList<>();
        notes.add("Each cell: the likeliest next token if the model stopped there. The last layer is on top.");
        if (from > 0) {
            notes.add("Shown: the last %d of %d positions.".formatted(MOST, positions));
        }
        String title = lens.probability().title();
        Heading heading = Heading.of(title, notes, ColorScale.probability(), "probability of that token");
        List<Panel> strips = strips(lens, from, PICTURE_STRIP);
        Sheet.Layout layout = Sheet.Layout.written();
        Sheet picture = new Sheet(heading, strips, layout);
        Sheet whole = new Sheet(heading, strips(lens, from, positions), layout);
        return Drawn.of(picture, whole, text(lens, from, notes), alt(lens));
    }

    /** The top token of each cell, seen from a grid that holds some of the positions, last component first. */
    private record Top(LogitLens lens, int from) implements Panel.Cells {
        @Override
        public String text(int row, int column) {
            List<Prediction> top = at(row, column);
            return top.isEmpty() ? "" : TokenLabels.visible(top.get(0).token());
        }

        @Override
        public String more(int row, int column) {
            return at(row, column).stream()
                    .map(one -> Numerals.probability(one.probability()) + "  " + TokenLabels.visible(one.token()))
                    .collect(Collectors.joining("\n"));
        }

        private List<Prediction> at(int row, int column) {
            return lens.top().get(component(row)).get(from + column);
        }

        private int component(int row) {
            return lens.components().size() - 1 - row;
        }
    }

    private static List<Panel> strips(LogitLens lens, int from, int length) {
        List<Panel> strips = new ArrayList<>();
        int positions = lens.positions().size();
        for (int start = from; start < positions; start += length) {
            int end = Math.min(positions, start + length);
            strips.add(new Panel("", upsideDown(lens.probability(), start, end), new Top(lens, start)));
        }
        return strips;
    }

    private static Grid upsideDown(Grid grid, int from, int until) {
        Axis components = grid.axes().get(0);
        Axis positions = grid.axes().get(1);
        int columns = until - from;
        float[] all = grid.values();
        float[] part = new float[components.size() * columns];
        for (int row = 0; row < components.size(); row++) {
            int component = components.size() - 1 - row;
            System.arraycopy(all, component * positions.size() + from, part, row * columns, columns);
        }
        List<String> names = new ArrayList<>(components.labels());
        Collections.reverse(names);
        return new Grid(
                grid.title(),
                grid.unit(),
                List.of(
                        new Axis(components.name(), names),
                        new Axis(positions.name(), positions.labels().subList(from, until))),
                part);
    }

    private static String text(LogitLens lens, int from, List<String> notes) {
        List<String> blocks = new ArrayList<>();
        blocks.add(lens.probability().title() + ". " + String.join(" ", notes));
        for (Panel strip : strips(lens, from, TEXT_STRIP)) {
            List<Side> sides = new ArrayList<>();
            List<String> header = new ArrayList<>();
            sides.add(Side.LEFT);
            header.add("");
            for (String label : strip.columns().labels()) {
                sides.addAll(List.of(Side.LEFT, Side.RIGHT));
                header.addAll(List.of(TokenText.shortened(label), ""));
            }
            TextTable table = new TextTable(sides).row(header);
            for (int row = 0; row < strip.rows().size(); row++) {
                table.row(line(strip, row));
            }
            blocks.add(table.text());
        }
        return String.join("\n\n", blocks);
    }

    private static List<String> line(Panel strip, int row) {
        List<String> line = new ArrayList<>();
        line.add(strip.rows().labels().get(row));
        for (int column = 0; column < strip.columns().size(); column++) {
            line.add(TokenText.shortened(strip.cells().text(row, column)));
            line.add(
                    strip.empty(row, column)
                            ? ""
                            : Numerals.probability(strip.grid().at(row, column)));
        }
        return line;
    }

    private static String alt(LogitLens lens) {
        int component = lens.components().size() - 1;
        int pos = lens.positions().size() - 1;
        String last = component < 0
                        || pos < 0
                        || lens.top().get(component).get(pos).isEmpty()
                ? ""
                : " At the last position the last layer predicts %s."
                        .formatted(TokenLabels.visible(
                                lens.top().get(component).get(pos).get(0).token()));
        return "%s: table of %d layers and %d positions with the likeliest token in each cell.%s"
                .formatted(lens.probability().title(), component + 1, pos + 1, last);
    }
}
