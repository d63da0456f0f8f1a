package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import org.lens4j.cache.ActivationCache;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/** What a run gives back. Owns its tensors: closing it frees the logits and the cache. */
public final class Run implements AutoCloseable {
    private final Scope scope;
    private final NDArray logits;
    private final ActivationCache cache;

    Run(Scope scope, NDArray logits, ActivationCache cache) {
        this.scope = scope;
        this.logits = logits;
        this.cache = cache;
    }

    /** Scores of every token at every position, {@code [batch pos d_vocab]}; the next token's are at the last position. */
    public NDArray logits() {
        return logits;
    }

    /** The activations the run was asked to keep. */
    public ActivationCache cache() {
        return cache;
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
