package org.lens4j.train;

import java.util.Locale;
import org.lens4j.error.UsageException;

/**
 * How a model is trained. Immutable.
 *
 * @param steps how often the parameters change
 * @param batch rows in each step
 * @param rowLength tokens in each row
 * @param learningRate the highest one
 * @param warmup steps in which the learning rate rises from 0; after them it falls along half a cosine
 * @param lastRate the learning rate of the last step, as a fraction of the highest, 0 to 1
 * @param beta1 how much of Adam's mean gradient stays in each step, 0 to 1
 * @param beta2 how much of Adam's mean squared gradient stays in each step, 0 to 1
 * @param weightDecay how much of a matrix is taken away in each step, times the learning rate (Loshchilov and Hutter,
 *     2019); biases and layer norms do not decay
 * @param clip the greatest length of the gradient of all parameters together; a longer one is shortened
 * @param seed of the first parameters and of the text
 */
public record TrainConfig(
        int steps,
        int batch,
        int rowLength,
        double learningRate,
        int warmup,
        double lastRate,
        double beta1,
        double beta2,
        double weightDecay,
        double clip,
        long seed) {

    /** Checks the ranges. */
    public TrainConfig {
        require(steps >= 1, "steps", steps, "1 or more");
        require(batch >= 1, "batch", batch, "1 or more");
        require(rowLength >= 2, "rowLength", rowLength, "2 or more");
        require(learningRate > 0, "learningRate", learningRate, "greater than 0");
        require(warmup >= 0, "warmup", warmup, "0 or more");
        require(lastRate >= 0 && lastRate <= 1, "lastRate", lastRate, "between 0 and 1");
        require(beta1 >= 0 && beta1 < 1, "beta1", beta1, "at least 0 and less than 1");
        require(beta2 >= 0 && beta2 < 1, "beta2", beta2, "at least 0 and less than 1");
        require(weightDecay >= 0, "weightDecay", weightDecay, "0 or more");
        require(clip > 0, "clip", clip, "greater than 0");
    }

    /** Settings for a small transformer: Adam with betas 0.9 and 0.98, decay 0.01, clip 1, seed 1. */
    public static TrainConfig of(int steps, int batch, int rowLength, double learningRate) {
        return new TrainConfig(
                steps, batch, rowLength, learningRate, Math.min(steps / 10, 100), 0.05, 0.9, 0.98, 0.01, 1, 1);
    }

    /** The same with another number of steps; the schedule stretches. */
    public TrainConfig withSteps(int count) {
        return new TrainConfig(
                count,
                batch,
                rowLength,
                learningRate,
                Math.min(warmup, count / 2),
                lastRate,
                beta1,
                beta2,
                weightDecay,
                clip,
                seed);
    }

    /** The same with another seed. */
    public TrainConfig withSeed(long other) {
        return new TrainConfig(
                steps, batch, rowLength, learningRate, warmup, lastRate, beta1, beta2, weightDecay, clip, other);
    }

    /**
     * The learning rate of a step: up along a line, down along half a cosine.
     *
     * @param step from 0
     */
    public double learningRate(int step) {
        if (step < warmup) {
            return learningRate * (step + 1) / warmup;
        }
        double done = steps == warmup ? 1 : Math.min(1, (step - warmup + 1.0) / (steps - warmup));
        return learningRate * (lastRate + (1 - lastRate) * 0.5 * (1 + Math.cos(Math.PI * done)));
    }

    /** How many tokens a step reads. */
    public int tokensPerStep() {
        return batch * rowLength;
    }

    private static void require(boolean good, String field, double found, String wanted) {
        if (!good) {
            throw new UsageException(
                    String.format(Locale.ROOT, "%s is %s, and it must be %s. Change it.", field, shown(found), wanted));
        }
    }

    private static String shown(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }
}
