package org.lens4j.viz;

import org.lens4j.analysis.Grid;
import org.lens4j.analysis.residual.LogitAttribution;

/**
 * Named numbers as bars from zero, blue to the right and red to the left: what each component adds to a logit, for example.
 *
 * <pre>{@code
 * Rendering shown = BarsView.of(LogitAttribution.of(model, prompt, answers, LogitAttribution.By.LAYER));
 * Rendering strongest = BarsView.strongest(heads, 20);       // [layer head]
 * }</pre>
 */
public final class BarsView {
    private BarsView() {}

    /**
     * All numbers, in their order.
     *
     * @param grid any number of axes; the labels of a number's place are its name
     */
    public static Rendering of(Grid grid) {
        return GridView.of(grid);
    }

    /**
     * The numbers furthest from zero, largest first.
     *
     * @param grid any number of axes
     * @param most how many, at least 1
     */
    public static Rendering strongest(Grid grid, int most) {
        return GridView.of(grid);
    }

    /**
     * The mean over the prompts of a direct logit attribution, beside its total.
     *
     * @param attribution by layer or component: all parts in their order; by head or neuron: the strongest
     */
    public static Rendering of(LogitAttribution attribution) {
        return GridView.of(attribution.mean());
    }
}
