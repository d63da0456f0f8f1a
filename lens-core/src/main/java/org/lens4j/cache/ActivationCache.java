package org.lens4j.cache;

import ai.djl.ndarray.NDArray;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.lens4j.error.StateException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.hook.HookName;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * The activations of one run, by hook name, in firing order. Owns their native memory: closing the cache frees them, and a
 * tensor taken from it dies with it. TransformerLens: {@code ActivationCache}.
 *
 * <pre>{@code
 * NDArray pattern = cache.get("blocks.1.attn.hook_pattern");   // [batch head query_pos key_pos]
 * }</pre>
 */
public final class ActivationCache implements AutoCloseable {
    /** What follows a name for the gradient there. */
    public static final String GRADIENT = "_grad";

    private final Scope scope;
    private final Tokens tokens;
    private final Map<String, NDArray> byName = new LinkedHashMap<>();
    private boolean closed;

    /**
     * An empty cache.
     *
     * @param scope owns what is kept; closed with the cache
     * @param tokens what was fed
     */
    public ActivationCache(Scope scope, Tokens tokens) {
        this.scope = scope;
        this.tokens = tokens;
    }

    /**
     * Keeps an activation: the cache gets a handle of its own to the same memory, without gradient history. A name kept
     * twice holds the last.
     *
     * @param name where it comes from
     * @param activation stays with its owner
     */
    public void keep(HookName name, NDArray activation) {
        NDArray kept = scope.adopt(activation.stopGradient());
        Optional.ofNullable(byName.put(name.full(), kept)).ifPresent(NDArray::close);
    }

    /**
     * Keeps the gradient at a point under {@code NAME_grad}, as {@link #keep} keeps activations. A point that fired several
     * times holds the sum.
     */
    public void keepGradient(HookName name, NDArray gradient) {
        NDArray kept = scope.adopt(gradient.stopGradient());
        Optional<NDArray> earlier = Optional.ofNullable(byName.get(name.full() + GRADIENT));
        byName.put(name.full() + GRADIENT, earlier.map(kept::add).orElse(kept));
    }

    /**
     * The activation of that name.
     *
     * @param name a full hook name that was asked for
     * @return owned by the cache: {@code duplicate()} it to keep it longer
     * @throws UnknownNameException if it was not cached; names the closest that were
     * @throws StateException if the cache is closed
     */
    public NDArray get(String name) {
        if (closed) {
            throw new StateException("This cache is closed, and its tensors are gone. Cache the activations again.");
        }
        return Optional.ofNullable(byName.get(name))
                .orElseThrow(() -> UnknownNameException.of(
                        "cached activation", name, "this cache", byName.keySet(), "Ask for it when you cache."));
    }

    /** Whether an activation of that name was cached. */
    public boolean has(String name) {
        return byName.containsKey(name);
    }

    /** The names, in firing order. */
    public Collection<String> names() {
        return Collections.unmodifiableCollection(byName.keySet());
    }

    /** What was fed. */
    public Tokens tokens() {
        return tokens;
    }

    /** How many activations it holds. */
    public int size() {
        return byName.size();
    }

    /** Native memory held, in bytes; an activation kept under two names counts twice. */
    public long bytes() {
        return byName.values().stream()
                .mapToLong(it -> it.size() * it.getDataType().getNumOfBytes())
                .sum();
    }

    @Override
    public void close() {
        closed = true;
        byName.clear();
        scope.close();
    }

    @Override
    public String toString() {
        return closed
                ? "ActivationCache (closed)"
                : "ActivationCache of %d activations, %d bytes".formatted(size(), bytes());
    }
}
