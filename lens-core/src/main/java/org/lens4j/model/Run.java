package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/** What a run gives back. Owns its tensors: closing it frees the logits and the cache. */
public final class Run implements AutoCloseable {
    private final Scope scope;
    private final NDArray logits;
    private final ActivationCache cache;

    private final Way way;

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

    Run(Scope scope, NDArray logits, ActivationCache cache, Way way) {
        this.scope = scope;
        this.logits = logits;
        this.cache = cache;
        this.way = way;
    }

    /** Scores of every token at every position, {@code [batch pos d_vocab]}; the next token's are at the last position. */
    public NDArray logits() {
        return logits;
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
