package org.lens4j.viz;

import org.lens4j.analysis.Grid;
import org.lens4j.analysis.logits.LensReading;

/**
 * A text whose tokens are coloured by a number each: a loss, an activation, an attribution. Several numbers for each token
 * are several lines of the same text.
 *
 * <pre>{@code
 * Rendering one = TokenView.of(loss);           // [pos]
 * Rendering heads = TokenView.of(scores);       // [head pos]
 * }</pre>
 */
public final class TokenView {
    private TokenView() {}

    /**
     * On the scale that fits the numbers.
     *
     * @param grid {@code [pos]}, or {@code [metric pos]} with anything as its first axis; the last axis's labels are the tokens
     * @throws org.lens4j.error.ShapeException if it has another number of axes
     */
    public static Rendering of(Grid grid) {
        return of(grid, ColorScale.of(grid));
    }

    /**
     * On a given scale, for texts that are to be compared.
     *
     * @param grid {@code [pos]}, or {@code [metric pos]}
     * @param scale from number to colour
     * @throws org.lens4j.error.ShapeException if it has another number of axes
     */
    public static Rendering of(Grid grid, ColorScale scale) {
        return Heatmap.of(grid, scale);
    }

    /**
     * How surprising each token of a prompt was to the model, with what it expected instead.
     *
     * @param reading its last component is what the model says in the end
     */
    public static Rendering of(LensReading reading) {
        return of(reading.loss().slice("component", reading.lens().components().size() - 1));
    }
}
