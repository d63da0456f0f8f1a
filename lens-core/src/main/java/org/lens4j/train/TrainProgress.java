package org.lens4j.train;

import java.util.Locale;

/**
 * Where a training is.
 *
 * @param step steps done
 * @param steps steps in all
 * @param loss of the last step, in the objective's unit
 * @param gradient length of the last gradient, before clipping
 * @param tokensPerSecond since the training began
 */
public record TrainProgress(int step, int steps, double loss, double gradient, double tokensPerSecond) {
    /** One line for a log. */
    public String line() {
        return String.format(
                Locale.ROOT,
                "step %d of %d: loss %.3f, gradient %.2f, %,.0f tokens/s",
                step,
                steps,
                loss,
                gradient,
                tokensPerSecond);
    }
}
