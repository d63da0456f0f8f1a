package org.lens4j.train;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import org.lens4j.error.InterruptedRunException;
import org.lens4j.error.StateException;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * Trains a model: run, loss, backward, Adam, again. The same seed, lessons and number of threads give the same losses.
 *
 * <pre>{@code
 * TrainLoop loop = new TrainLoop(model, TrainConfig.of(500, 32, 64, 1e-3));
 * List<Float> losses = loop.run(
 *         step -> new TrainLoop.Lesson(batch(step), Objective.nextToken()),
 *         progress -> System.out.println(progress.line()));
 * }</pre>
 *
 * @param model whose parameters move; stays its owner's
 * @param config how
 */
public record TrainLoop(TrainableModel model, TrainConfig config) {
    /**
     * What one step learns.
     *
     * @param tokens what is read
     * @param objective what becomes small
     */
    public record Lesson(Tokens tokens, Objective objective) {}

    /**
     * Runs all steps. Stops after the current step when the thread is interrupted, which stays interrupted: fewer losses
     * than steps say so.
     *
     * @param lessons asked before every step, with its number from 0
     * @param listener told after every step
     * @return the loss of each step
     * @throws StateException if the loss is no longer a number
     */
    public List<Float> run(IntFunction<Lesson> lessons, TrainListener listener) {
        listener.began();
        try {
            return steps(lessons, listener);
        } finally {
            listener.ended();
        }
    }

    private List<Float> steps(IntFunction<Lesson> lessons, TrainListener listener) {
        List<Float> losses = new ArrayList<>();
        Adam.Rule rule = new Adam.Rule(config.beta1(), config.beta2(), config.weightDecay(), config.clip());
        long start = System.nanoTime();
        long tokensRead = 0;
        try (Adam adam = new Adam(rule, model.tensors())) {
            for (int step = 0; step < config.steps() && !Thread.currentThread().isInterrupted(); step++) {
                Lesson lesson = lessons.apply(step);
                float[] found = {0};
                if (!InterruptedRunException.completes(() -> found[0] = backward(lesson))) {
                    break;
                }
                float loss = found[0];
                double gradient = adam.step(config.learningRate(step));
                if (!Float.isFinite(loss) || !Double.isFinite(gradient)) {
                    throw new StateException(String.format(
                            Locale.ROOT,
                            "Step %d of the training has loss %f and a gradient of length %f. The learning rate, %.2g at its highest, is likely too high: lower it.",
                            step + 1,
                            loss,
                            gradient,
                            config.learningRate()));
                }
                losses.add(loss);
                tokensRead += (long) lesson.tokens().batch() * lesson.tokens().pos();
                double seconds = (System.nanoTime() - start) / 1e9;
                listener.at(new TrainProgress(step + 1, config.steps(), loss, gradient, tokensRead / seconds));
            }
        }
        return losses;
    }

    /**
     * Adds the gradient of one lesson to the parameters' gradients. Everything the pass made is freed.
     *
     * @return the loss
     */
    public float backward(Lesson lesson) {
        try (Run run = model.model().run(lesson.tokens(), RunOptions.defaults().withGradients());
                Scope inside = Scope.root()) {
            NDArray ids = lesson.tokens().tensor(inside);
            NDArray loss = Autograd.recording(true, () -> lesson.objective().loss(run.logits(), ids));
            Autograd.backward(loss);
            return loss.getFloat();
        }
    }
}
