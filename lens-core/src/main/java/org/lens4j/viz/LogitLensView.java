package org.lens4j.viz;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.logits.LensReading;
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

    /** A cell with its candidates takes some 150 bytes. */
    private static final int MOST_CELLS = 1800;

    private LogitLensView() {}

    /** What colours the cells. */
    public enum Statistic {
        /** How likely the cell's token is. */
        PROBABILITY("probability of that token"),
        /** How undecided the model is there. */
        ENTROPY("entropy in nats"),
        /** How far that is from what the model says in the end. */
        KL("divergence from the final distribution in nats"),
        /** How surprised it would be by the token that really follows. */
        LOSS("surprise at the token that follows in nats");

        private final String unit;

        Statistic(String unit) {
            this.unit = unit;
        }

        private Grid of(LensReading reading) {
            return switch (this) {
                case PROBABILITY -> reading.lens().probability();
                case ENTROPY -> reading.entropy();
                case KL -> reading.kl();
                case LOSS -> reading.loss();
            };
        }
    }

    /**
     * The lens over every component and position; of a very long prompt the last positions.
     *
     * @param lens components first to last
     */
    public static Rendering of(LogitLens lens) {
        return of(new Seen(lens, lens.probability(), Statistic.PROBABILITY, List.of()));
    }

    /** The same with entropy, divergence and surprise in each cell's tooltip. */
    public static Rendering of(LensReading reading) {
        return of(reading, Statistic.PROBABILITY);
    }

    /**
     * The likeliest tokens, coloured by a statistic of the reader's choice.
     *
     * @param reading components first to last
     * @param colors what colours the cells
     */
    public static Rendering of(LensReading reading, Statistic colors) {
        return of(new Seen(
                reading.lens(), colors.of(reading), colors, List.of(reading.entropy(), reading.kl(), reading.loss())));
    }

    /**
     * What is shown.
     *
     * @param lens the tokens
     * @param grid what colours them, {@code [component pos]}
     * @param colors which that is
     * @param more what else is said about a cell, {@code [component pos]} each
     */
    private record Seen(LogitLens lens, Grid grid, Statistic colors, List<Grid> more) {
        String title() {
            return colors == Statistic.PROBABILITY ? grid.title() : "Logit lens: " + colors.unit;
        }
    }

    private static Rendering of(Seen seen) {
        LogitLens lens = seen.lens();
        int positions = lens.positions().size();
        int most = Math.min(
                MOST, Math.max(1, MOST_CELLS / Math.max(1, lens.components().size())));
        int from = Math.max(0, positions - most);
        List<String> notes = new ArrayList<>();
        notes.add("Each cell: the likeliest next token if the model stopped there. " + Upward.NOTE);
        if (from > 0) {
            notes.add("Shown: the last %d of %d positions.".formatted(most, positions));
        }
        Heading heading = Heading.of(seen.title(), notes, ColorScale.of(seen.grid()), seen.colors().unit);
        Sheet picture = new Sheet(heading, strips(seen, from, PICTURE_STRIP), Sheet.Layout.written());
        Sheet whole = new Sheet(heading, strips(seen, from, positions), Sheet.Layout.written());
        return Drawn.of(picture, whole, text(seen, from, notes), alt(seen));
    }

    /** The top token of each cell, seen from a grid that holds some of the positions, last component first. */
    private record Top(Seen seen, int from) implements Panel.Cells {
        @Override
        public String text(int row, int column) {
            List<Prediction> top = at(row, column);
            return top.isEmpty() ? "" : TokenLabels.visible(top.get(0).token());
        }

        @Override
        public String more(int row, int column) {
            Stream<String> candidates = at(row, column).stream()
                    .map(one -> Numerals.probability(one.probability()) + "  " + TokenLabels.visible(one.token()));
            Stream<String> numbers = seen.more().stream()
                    .filter(grid -> !Float.isNaN(grid.at(component(row), from + column)))
                    .map(grid -> "%s: %s %s"
                            .formatted(
                                    grid.title(),
                                    Numerals.significant(grid.at(component(row), from + column), 3),
                                    grid.unit()));
            return Stream.concat(candidates, numbers).collect(Collectors.joining("\n"));
        }

        private List<Prediction> at(int row, int column) {
            return seen.lens().top().get(component(row)).get(from + column);
        }

        private int component(int row) {
            return seen.lens().components().size() - 1 - row;
        }
    }

    private static List<Panel> strips(Seen seen, int from, int length) {
        List<Panel> strips = new ArrayList<>();
        int positions = seen.lens().positions().size();
        for (int start = from; start < positions; start += length) {
            int end = Math.min(positions, start + length);
            strips.add(new Panel("", Upward.turned(seen.grid(), start, end), new Top(seen, start)));
        }
        return strips;
    }

    private static String text(Seen seen, int from, List<String> notes) {
        List<String> blocks = new ArrayList<>();
        blocks.add(seen.title() + ". " + String.join(" ", notes));
        for (Panel strip : strips(seen, from, TEXT_STRIP)) {
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
                            : String.format(Locale.ROOT, "%.2f", strip.grid().at(row, column)));
        }
        return line;
    }

    private static String alt(Seen seen) {
        LogitLens lens = seen.lens();
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
                .formatted(seen.title(), component + 1, pos + 1, last);
    }
}
