package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/** What a run gives back. Owns its tensors: closing it frees the logits and the cache. */
public final class Run implements AutoCloseable {
    private final Scope scope;
    private final NDArray logits;
    private final ActivationCache cache;

    private final Way way;
    private final Extent extent;

    /**
     * How far a run went.
     *
     * @param stopped whether it stopped before the logits
     * @param silent points that were hooked or cached and did not fire
     */
    record Extent(boolean stopped, List<HookName> silent) {}

    /**
     * What came of the pass back.
     *
     * @param metric the number it began with; empty without one
     * @param parameters gradients by parameter
     */
    record Way(OptionalDouble metric, Map<String, NDArray> parameters) {
        static Way none() {
            return new Way(OptionalDouble.empty(), Map.of());
        }
    }

    Run(Scope scope, NDArray logits, ActivationCache cache, Way way, Extent extent) {
        this.scope = scope;
        this.logits = logits;
        this.cache = cache;
        this.way = way;
        this.extent = extent;
    }

    /** Scores of every token at every position, {@code [batch pos d_vocab]}; the next token's are at the last position. */
    public NDArray logits() {
        if (extent.stopped()) {
            throw new UsageException(
                    "This run stopped before the logits (stopAtLayer). It has a residual stream: run.residual().");
        }
        return logits;
    }

    /**
     * The residual stream at which a run stopped, {@code [batch pos d_model]}.
     *
     * @throws UsageException if it did not stop
     */
    public NDArray residual() {
        if (!extent.stopped()) {
            throw new UsageException(
                    "This run went on to the logits. For a residual stream cache it, or stop: RunOptions.stopAtLayer(…).");
        }
        return logits;
    }

    /**
     * The hook points that were hooked or cached and did not fire: before the layer the run began with, after the one it
     * stopped at, or in experts no token was sent to.
     */
    public List<HookName> neverFired() {
        return extent.silent();
    }

    /** The activations the run was asked to keep. */
    public ActivationCache cache() {
        return cache;
    }

    /**
     * The number gradients were taken of.
     *
     * @throws UsageException if the run had none
     */
    public double metric() {
        return way.metric()
                .orElseThrow(
                        () -> new UsageException("This run had no metric. Give it one: RunOptions.withMetric(…)."));
    }

    /**
     * The gradient of the metric by a parameter.
     *
     * @param name TransformerLens's, one of those that were asked for
     * @return like the parameter, owned by this run
     * @throws UnknownNameException if it was not asked for
     */
    public NDArray parameterGradient(String name) {
        return Optional.ofNullable(way.parameters().get(name))
                .orElseThrow(() -> UnknownNameException.of(
                        "parameter gradient",
                        name,
                        "this run",
                        way.parameters().keySet(),
                        "Ask for it: RunOptions.withParameterGradientsOf(…)."));
    }

    /** What was fed. */
    public Tokens tokens() {
        return cache.tokens();
    }

    @Override
    public void close() {
        cache.close();
        scope.close();
    }
}
