package org.lens4j.train;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.lens4j.error.StateException;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * Trains a model: run, loss, backward, Adam, again. The same seed, batches and number of threads give the same losses.
 *
 * <pre>{@code
 * TrainLoop loop = new TrainLoop(model, TrainConfig.of(500, 32, 64, 1e-3), Objective.nextToken());
 * List<Float> losses = loop.run(batches, progress -> System.out.println(progress.line()));
 * }</pre>
 *
 * @param model whose parameters move; stays its owner's
 * @param config how
 * @param objective what becomes small
 */
public record TrainLoop(TrainableModel model, TrainConfig config, Objective objective) {
    /**
     * Runs all steps. Stops after the current step when the thread is interrupted, which stays interrupted: fewer losses
     * than steps say so.
     *
     * @param batches asked for the next tokens before every step
     * @param progress told after every step
     * @return the loss of each step
     * @throws StateException if the loss is no longer a number
     */
    public List<Float> run(Supplier<Tokens> batches, Consumer<TrainProgress> progress) {
        List<Float> losses = new ArrayList<>();
        Adam.Rule rule = new Adam.Rule(config.beta1(), config.beta2(), config.weightDecay(), config.clip());
        long start = System.nanoTime();
        long tokensRead = 0;
        try (Adam adam = new Adam(rule, model.tensors())) {
            for (int step = 0; step < config.steps() && !Thread.currentThread().isInterrupted(); step++) {
                Tokens tokens = batches.get();
                float loss = backward(tokens);
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
                tokensRead += (long) tokens.batch() * tokens.pos();
                double seconds = (System.nanoTime() - start) / 1e9;
                progress.accept(new TrainProgress(step + 1, config.steps(), loss, gradient, tokensRead / seconds));
            }
        }
        return losses;
    }

    /**
     * Adds the gradient of one batch to the parameters' gradients. Everything the pass made is freed.
     *
     * @return the loss
     */
    public float backward(Tokens tokens) {
        try (Run run = model.model().run(tokens, RunOptions.defaults().withGradients());
                Scope inside = Scope.root()) {
            NDArray ids = tokens.tensor(inside);
            NDArray loss = Autograd.recording(true, () -> objective.loss(run.logits(), ids));
            Autograd.backward(loss);
            return loss.getFloat();
        }
    }
}
