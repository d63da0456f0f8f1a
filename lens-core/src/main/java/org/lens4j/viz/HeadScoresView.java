package org.lens4j.viz;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.ShapeException;

/**
 * One number for each head of a model as a map of layers and heads, with the strongest heads named as {@code L5H1}.
 *
 * <pre>{@code
 * Rendering shown = HeadScoresView.of(HeadScores.induction(model, repeated));   // [layer head]
 * Rendering three = HeadScoresView.of(HeadScores.all(model, repeated));         // [kind layer head]
 * }</pre>
 */
public final class HeadScoresView {
    private static final int NAMED = 5;

    private HeadScoresView() {}

    /**
     * The heads of all layers.
     *
     * @param grid {@code [layer head]}, or {@code [kind layer head]} for several maps on one scale
     * @throws ShapeException if the last axes are others
     */
    public static Rendering of(Grid grid) {
        List<String> names = grid.axes().stream().map(Axis::name).toList();
        if (names.size() < 2
                || names.size() > 3
                || !names.subList(names.size() - 2, names.size()).equals(List.of("layer", "head"))) {
            throw new ShapeException(
                    "A map of heads needs the axes [layer head], or one more before them, \"%s\" has %s. Show it with GridView.of(grid)."
                            .formatted(grid.title(), grid.shape()));
        }
        List<String> strongest = new ArrayList<>();
        if (grid.rank() == 2) {
            strongest.add("Strongest: " + strongest(grid));
        } else {
            Axis kinds = grid.axes().get(0);
            for (int kind = 0; kind < kinds.size(); kind++) {
                strongest.add("%s: %s".formatted(kinds.labels().get(kind), strongest(grid.slice(kinds.name(), kind))));
            }
        }
        return GridView.of(grid, strongest);
    }

    private static String strongest(Grid grid) {
        float[] values = grid.values();
        return IntStream.range(0, values.length)
                .filter(flat -> !Float.isNaN(values[flat]))
                .boxed()
                .sorted(Comparator.comparingDouble(flat -> -Math.abs(values[flat])))
                .limit(NAMED)
                .map(flat -> HeadNames.name(grid, flat) + " " + Numerals.significant(values[flat], 3))
                .collect(Collectors.joining(", "));
    }
}
