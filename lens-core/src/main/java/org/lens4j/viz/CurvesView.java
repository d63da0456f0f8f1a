package org.lens4j.viz;

import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;

/**
 * Numbers along an axis as curves: loss over steps, entropy or divergence over layers or positions.
 *
 * <pre>{@code
 * Rendering one = CurvesView.of(losses);                          // [step]
 * Rendering several = CurvesView.of(reading.kl());                // [component pos]: one curve for each component
 * Rendering training = CurvesView.ofSteps("Loss", "nats", loop.run(..));
 * }</pre>
 */
public final class CurvesView {
    private CurvesView() {}

    /**
     * A curve, or one for each index of the first axis.
     *
     * @param grid {@code [x]} or {@code [curve x]}; NaN is a gap
     * @throws org.lens4j.error.ShapeException if it has another number of axes
     */
    public static Rendering of(Grid grid) {
        return Heatmap.of(grid);
    }

    /**
     * One number for each step of a training.
     *
     * @param title what is shown
     * @param unit what one number is
     * @param values first step first
     */
    public static Rendering ofSteps(String title, String unit, List<Float> values) {
        float[] numbers = new float[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = values.get(i);
        }
        return of(new Grid(title, unit, List.of(Axis.counted("step", numbers.length)), numbers));
    }
}
