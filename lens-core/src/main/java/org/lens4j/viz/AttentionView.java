package org.lens4j.viz;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.viz.TextTable.Side;

/**
 * The attention patterns of one layer: a heat map for each head, queries down, keys across. Positions above the causal
 * diagonal stay empty.
 *
 * <pre>{@code
 * Grid pattern = lens.attention(prompt, 1);        // [head query_pos key_pos]
 * Rendering all = AttentionView.of(pattern);
 * Rendering two = AttentionView.of(pattern, List.of(0, 3));
 * }</pre>
 *
 * A bright cell says where a head looked, not why, and not that it mattered: attention is not explanation.
 */
public final class AttentionView {
    private static final int STRONGEST = 3;

    private AttentionView() {}

    /**
     * All heads.
     *
     * @param pattern attention probabilities, {@code [head query_pos key_pos]}; above the diagonal NaN or 0
     * @throws ShapeException if the axes are others
     */
    public static Rendering of(Grid pattern) {
        return shown(Heads.all(pattern));
    }

    /**
     * Chosen heads.
     *
     * @param pattern attention probabilities, {@code [head query_pos key_pos]}; above the diagonal NaN or 0
     * @param heads indices on the head axis, in the order they are shown
     * @throws ShapeException if the axes are others
     * @throws RangeException if there is no such head, or none is asked for
     */
    public static Rendering of(Grid pattern, List<Integer> heads) {
        return shown(Heads.of(pattern, heads));
    }

    private static Rendering shown(Heads heads) {
        List<String> notes = new ArrayList<>(List.of("Rows: query positions, columns: key positions."));
        List<Panel> panels = new ArrayList<>();
        for (int i = 0; i < heads.grids().size(); i++) {
            Pooled small = Pooled.of(heads.grids().get(i));
            if (i == 0 && !small.note().isEmpty()) {
                notes.add(small.note());
            }
            panels.add(new Panel(heads.names().get(i), small.grid(), new Look()));
        }
        int cells = panels.get(0).rows().size();
        Sheet sheet = new Sheet(
                Heading.of(heads.title(), notes, ColorScale.probability(), "attention probability"),
                panels,
                Sheet.Layout.square(panels.size(), cells));
        return Drawn.of(sheet, heads.text(), heads.alt("heat maps"));
    }

    /** Cells without words, named in the order the picture is read: {@code 7·gave → 2·Mary}. */
    private record Look() implements Panel.Cells {
        @Override
        public String text(int row, int column) {
            return "";
        }

        @Override
        public String between() {
            return " → ";
        }
    }

    /**
     * Heads that are shown together.
     *
     * @param title of all
     * @param names one for each
     * @param grids {@code [query_pos key_pos]} each; above the diagonal NaN where no position sees a later one
     */
    record Heads(String title, List<String> names, List<Grid> grids) {
        static Heads all(Grid pattern) {
            check(pattern);
            return of(
                    pattern,
                    IntStream.range(0, pattern.axes().get(0).size()).boxed().toList());
        }

        static Heads of(Grid pattern, List<Integer> heads) {
            check(pattern);
            if (heads.isEmpty()) {
                throw new RangeException("No head was asked for. \"%s\" has %d, numbered from 0. Name at least one."
                        .formatted(pattern.title(), pattern.axes().get(0).size()));
            }
            List<Grid> grids = heads.stream()
                    .map(head -> masked(pattern.slice("head", head)))
                    .toList();
            List<String> names = heads.stream()
                    .map(head -> name(pattern.axes().get(0).labels().get(head)))
                    .toList();
            return new Heads(pattern.title(), names, grids);
        }

        private static void check(Grid pattern) {
            List<String> names = pattern.axes().stream().map(Axis::name).toList();
            if (!names.equals(List.of("head", "query_pos", "key_pos"))) {
                throw new ShapeException(("An attention picture needs the axes [head query_pos key_pos], "
                                + "\"%s\" has %s. Take one layer, or show it with GridView.of(grid).")
                        .formatted(pattern.title(), pattern.shape()));
            }
        }

        /** Zeros above the diagonal become NaN if there is nothing else up there. */
        private static Grid masked(Grid head) {
            int queries = head.axes().get(0).size();
            int keys = head.axes().get(1).size();
            float[] values = head.values();
            for (int query = 0; query < queries; query++) {
                for (int key = query + 1; key < keys; key++) {
                    float value = values[query * keys + key];
                    if (value != 0 && !Float.isNaN(value)) {
                        return head;
                    }
                    values[query * keys + key] = Float.NaN;
                }
            }
            return new Grid(head.title(), head.unit(), head.axes(), values);
        }

        private static String name(String label) {
            return label.chars().allMatch(Character::isDigit) ? "head " + label : label;
        }

        List<String> queries() {
            return grids.get(0).axes().get(0).labels();
        }

        List<String> keys() {
            return grids.get(0).axes().get(1).labels();
        }

        /** The strongest few of each head; the first query is left out, it can look at itself only. */
        private List<Link> links() {
            List<Link> links = new ArrayList<>();
            for (int i = 0; i < grids.size(); i++) {
                List<Link> all = new ArrayList<>();
                int keys = keys().size();
                float[] values = grids.get(i).values();
                for (int flat = queries().size() > 1 ? keys : 0; flat < values.length; flat++) {
                    if (!Float.isNaN(values[flat])) {
                        String query = queries().get(flat / keys);
                        all.add(new Link(names.get(i), query, keys().get(flat % keys), values[flat]));
                    }
                }
                all.stream()
                        .sorted(Comparator.comparingDouble(Link::probability).reversed())
                        .limit(STRONGEST)
                        .forEach(links::add);
            }
            return links;
        }

        /** The strongest of each head as a table. */
        String text() {
            TextTable table = new TextTable(List.of(Side.LEFT, Side.LEFT, Side.LEFT, Side.LEFT, Side.RIGHT));
            table.row("", "query", "", "key", "p");
            String before = "";
            for (Link link : links()) {
                table.row(
                        link.head().equals(before) ? "" : link.head(),
                        TokenText.shortened(link.query()),
                        "→",
                        TokenText.shortened(link.key()),
                        Numerals.probability(link.probability()));
                before = link.head();
            }
            return "%s: %s × %d tokens. The strongest %d of each head, first query left out:\n%s"
                    .formatted(title, count(), queries().size(), STRONGEST, table.text());
        }

        private String count() {
            return names.size() == 1 ? "1 head" : names.size() + " heads";
        }

        /**
         * What the picture shows.
         *
         * @param form heat maps or lines
         */
        String alt(String form) {
            String strongest = links().stream()
                    .max(Comparator.comparingDouble(Link::probability))
                    .map(link -> " Strongest: %s, %s → %s, %s."
                            .formatted(link.head(), link.query(), link.key(), Numerals.probability(link.probability())))
                    .orElse("");
            return "%s: %s of %s over %d tokens.%s"
                    .formatted(title, form, count(), queries().size(), strongest);
        }
    }

    private record Link(String head, String query, String key, float probability) {}
}
