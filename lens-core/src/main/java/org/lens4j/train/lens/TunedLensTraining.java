package org.lens4j.train.lens;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.lens4j.analysis.logits.ResidualPoint;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.InterruptedRunException;
import org.lens4j.error.StateException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;
import org.lens4j.train.Adam;
import org.lens4j.train.TrainConfig;
import org.lens4j.train.TrainListener;
import org.lens4j.train.TrainProgress;

/**
 * Trains a tuned lens: every map becomes such that what is read through it is near the model's own distribution, by
 * {@code KL(final || here)}. The model is run once for all places of a step and does not change.
 *
 * <pre>{@code
 * TunedLens lens = TunedLensTraining.of(model, TrainConfig.of(250, 16, 64, 1e-3)).run(texts, it -> System.out.println(it.line()));
 * }</pre>
 *
 * @param model whose lens it is; stays with the caller
 * @param points where it is to read
 * @param config steps, rows and Adam's constants; decay draws the maps to the identity
 */
public record TunedLensTraining(HookedTransformer model, List<ResidualPoint> points, TrainConfig config) {
    /** Copies the list. */
    public TunedLensTraining {
        points = List.copyOf(points);
    }

    /** A training of maps before every block. */
    public static TunedLensTraining of(HookedTransformer model, TrainConfig config) {
        return new TunedLensTraining(model, ResidualPoint.beforeBlocks(model.config()), config);
    }

    /** This with maps between attention and MLP too. */
    public TunedLensTraining withMiddles() {
        return new TunedLensTraining(model, ResidualPoint.withMiddles(model.config()), config);
    }

    /** One map while it is trained, in native memory. */
    private record Trained(NDArray weight, NDArray bias) {
        static Trained identity(Scope scope, int width) {
            Trained map = new Trained(scope.zeros(new Shape(width, width)), scope.zeros(new Shape(width)));
            Autograd.track(map.weight);
            Autograd.track(map.bias);
            return map;
        }
    }

    /**
     * Runs all steps. An interrupt ends it after the current step, with the maps so far; the thread stays interrupted.
     *
     * @param texts read again from the beginning when they end
     * @param listener told after every step; the loss is the mean divergence of all places, in nats
     * @throws StateException if the loss is no longer a number
     * @throws org.lens4j.error.UsageException if there is no text
     */
    public TunedLens run(Iterable<String> texts, TrainListener listener) {
        listener.began();
        try {
            return steps(texts, listener);
        } finally {
            listener.ended();
        }
    }

    private TunedLens steps(Iterable<String> texts, TrainListener listener) {
        TextRows rows = new TextRows(model, texts, config.rowLength());
        Map<String, Trained> maps = new LinkedHashMap<>();
        Adam.Rule rule = new Adam.Rule(config.beta1(), config.beta2(), config.weightDecay(), config.clip());
        long start = System.nanoTime();
        try (Scope scope = Scope.root()) {
            points.stream()
                    .filter(it -> !it.isFinal())
                    .forEach(it -> maps.put(
                            it.label(), Trained.identity(scope, model.config().dModel())));
            List<NDArray> parameters = maps.values().stream()
                    .flatMap(it -> Stream.of(it.weight, it.bias))
                    .toList();
            try (Adam adam = new Adam(rule, parameters)) {
                for (int step = 0;
                        step < config.steps() && !Thread.currentThread().isInterrupted();
                        step++) {
                    double[] found = {0};
                    if (!InterruptedRunException.completes(
                            () -> found[0] = backward(rows.batch(config.batch()), maps))) {
                        break;
                    }
                    double loss = found[0];
                    double gradient = adam.step(config.learningRate(step));
                    requireFinite(step, loss, gradient);
                    double seconds = (System.nanoTime() - start) / 1e9;
                    double read = (step + 1.0) * config.tokensPerStep();
                    listener.at(new TrainProgress(step + 1, config.steps(), loss, gradient, read / seconds));
                }
            }
            return done(maps);
        }
    }

    private void requireFinite(int step, double loss, double gradient) {
        if (!Double.isFinite(loss) || !Double.isFinite(gradient)) {
            throw new StateException(String.format(
                    Locale.ROOT,
                    "Step %d of the tuned lens has loss %f and a gradient of length %f. The learning rate, %.2g at its highest, is likely too high: lower it.",
                    step + 1,
                    loss,
                    gradient,
                    config.learningRate()));
        }
    }

    /** Adds the gradients of one batch to those of the maps; gives the mean loss. */
    private double backward(Tokens tokens, Map<String, Trained> maps) {
        String[] names = points.stream().map(it -> it.name().full()).toArray(String[]::new);
        double sum = 0;
        try (ActivationCache cache = model.cache(tokens, names);
                Scope outer = Scope.root()) {
            NDArray end = outer.alias(cache.get(names[names.length - 1]));
            NDArray last = Kernels.call("log_softmax", model.unembed(end));
            NDArray shares = Autograd.recording(false, last::exp);
            for (ResidualPoint point : points) {
                if (!point.isFinal()) {
                    try (Scope inside = new Scope(outer)) {
                        NDArray residual = inside.alias(cache.get(point.name().full()));
                        Trained map = Objects.requireNonNull(maps.get(point.label()));
                        sum += backward(tokens, residual, map, inside.alias(last), inside.alias(shares));
                    }
                }
            }
        }
        return sum / maps.size();
    }

    /**
     * One place.
     *
     * @param last natural logs of the final probabilities, {@code [batch pos d_vocab]}
     * @param shares these probabilities
     */
    private double backward(Tokens tokens, NDArray residual, Trained map, NDArray last, NDArray shares) {
        NDArray read = Autograd.recording(true, () -> TunedLens.translated(residual, map.weight, map.bias));
        // A run that begins behind the last block is the last norm and the unembedding alone, and it records.
        RunOptions unembedding = RunOptions.defaults()
                .withGradients()
                .startAtLayer(model.config().nLayers(), read);
        try (Run run = model.run(tokens, unembedding)) {
            NDArray loss = Autograd.recording(true, () -> last.sub(Kernels.call("log_softmax", run.logits()))
                    .mul(shares)
                    .sum(new int[] {-1})
                    .mean());
            Autograd.backward(loss);
            return loss.getFloat();
        }
    }

    private TunedLens done(Map<String, Trained> maps) {
        Map<String, TunedLens.Affine> trained = new LinkedHashMap<>();
        maps.forEach((label, map) ->
                trained.put(label, new TunedLens.Affine(map.weight.toFloatArray(), map.bias.toFloatArray())));
        return new TunedLens(model.config().dModel(), trained);
    }
}
