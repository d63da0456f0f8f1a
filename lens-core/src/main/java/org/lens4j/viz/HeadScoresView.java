package org.lens4j.viz;

import org.lens4j.analysis.Grid;

/**
 * One number for each head of a model as a map of layers and heads, with the strongest heads named as {@code L5H1}.
 *
 * <pre>{@code
 * Rendering shown = HeadScoresView.of(HeadScores.induction(model, repeated));   // [layer head]
 * Rendering three = HeadScoresView.of(HeadScores.all(model, repeated));         // [kind layer head]
 * }</pre>
 */
public final class HeadScoresView {
    private HeadScoresView() {}

    /**
     * The heads of all layers.
     *
     * @param grid {@code [layer head]}, or {@code [kind layer head]} for several maps on one scale
     * @throws org.lens4j.error.ShapeException if the last axes are others
     */
    public static Rendering of(Grid grid) {
        return GridView.of(grid);
    }
}
