package org.lens4j.train.features;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.RangeException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.model.Run;
import org.lens4j.text.TokenLabels;
import org.lens4j.text.Tokens;

/** A run through autoencoders. Owns its tensors: closing it frees them. */
public final class SplicedRun implements AutoCloseable {
    private final Run run;
    private final InsideValues values;

    SplicedRun(Run run, InsideValues values) {
        this.run = run;
        this.values = values;
        values.settle();
    }

    /**
     * The features that are strongest at each position of the first sequence.
     *
     * @param features which, {@code [pos rank]}; {@code NaN} where fewer are on
     * @param activations how strong, {@code [pos rank]}
     */
    public record TopFeatures(Grid features, Grid activations) {}

    /** The model's run: logits, and what was cached. At a spliced point that is what the autoencoder gave. */
    public Run run() {
        return run;
    }

    /** {@link Run#logits()}. */
    public NDArray logits() {
        return run.logits();
    }

    /**
     * An activation inside an autoencoder, after edits.
     *
     * @param name as {@link SaePoint#in} gives it
     * @return its axes are at {@link SaePoint}; owned by this run
     * @throws UnknownNameException if there is none
     */
    public NDArray get(String name) {
        return values.value(name);
    }

    /**
     * The gradient of the metric by an activation inside an autoencoder.
     *
     * @return like the activation, owned by this run
     * @throws UnknownNameException if there is none, or the run had no metric
     */
    public NDArray gradient(String name) {
        return values.gradient(name);
    }

    /**
     * To first order, what each feature adds to the metric where it is on: activation times gradient.
     *
     * @param hook a spliced hook point
     * @return {@code [pos feature]} of the first sequence
     * @throws UnknownNameException as {@link #gradient}
     */
    public Grid attribution(String hook) {
        String name = SaePoint.ACTS_POST.in(hook);
        float[] acts = first(get(name));
        float[] by = first(gradient(name));
        for (int i = 0; i < acts.length; i++) {
            acts[i] *= by[i];
        }
        Axis pos = positions();
        int features = acts.length / pos.size();
        return new Grid(
                "Attribution to features of " + hook, "metric", List.of(pos, Axis.counted("feature", features)), acts);
    }

    /**
     * The strongest features at each position.
     *
     * @param hook a spliced hook point
     * @param count how many
     * @throws RangeException if there are not so many features
     */
    public TopFeatures topFeatures(String hook, int count) {
        float[] acts = first(get(SaePoint.ACTS_POST.in(hook)));
        Axis pos = positions();
        int features = acts.length / pos.size();
        if (count < 1 || count > features) {
            throw new RangeException("%d features were asked for, and the autoencoder at %s has %d. Ask for 1 to %d."
                    .formatted(count, hook, features, features));
        }
        float[] which = new float[pos.size() * count];
        float[] strength = new float[which.length];
        for (int at = 0; at < pos.size(); at++) {
            int start = at * features;
            int[] best = IntStream.range(0, features)
                    .boxed()
                    .sorted((a, b) -> Float.compare(acts[start + b], acts[start + a]))
                    .limit(count)
                    .mapToInt(it -> it)
                    .toArray();
            for (int rank = 0; rank < count; rank++) {
                strength[at * count + rank] = acts[start + best[rank]];
                which[at * count + rank] = acts[start + best[rank]] > 0 ? best[rank] : Float.NaN;
            }
        }
        List<Axis> axes = List.of(pos, Axis.counted("rank", count));
        return new TopFeatures(
                new Grid("Strongest features at " + hook, "feature", axes, which),
                new Grid("Their activations", "activation", axes, strength));
    }

    private Axis positions() {
        Tokens tokens = run.tokens();
        return new Axis("pos", TokenLabels.labels(tokens.strings(0)));
    }

    private float[] first(NDArray tensor) {
        try (NDArray sequence = tensor.get(0)) {
            return sequence.toFloatArray();
        }
    }

    @Override
    public void close() {
        run.close();
        values.close();
    }
}
