package org.lens4j.weights;

import ai.djl.ndarray.NDArray;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.lens4j.error.UnknownNameException;
import org.lens4j.tensor.Scope;

/**
 * The parameters of a model under TransformerLens's names ({@code blocks.0.attn.W_Q}) and in its layouts. Owns their
 * memory; closing frees it.
 */
public final class Parameters implements AutoCloseable {
    private final Scope scope;
    private final Map<String, NDArray> byName;

    /**
     * Takes ownership.
     *
     * @param scope owns every tensor
     * @param byName in the model's order
     */
    public Parameters(Scope scope, Map<String, NDArray> byName) {
        this.scope = scope;
        this.byName = new LinkedHashMap<>(byName);
    }

    /**
     * The parameter of that name.
     *
     * @return owned by this object: read it, do not close it
     * @throws UnknownNameException if there is none
     */
    public NDArray get(String name) {
        return Optional.ofNullable(byName.get(name))
                .orElseThrow(() -> UnknownNameException.of(
                        "parameter", name, "the model", byName.keySet(), "List them with model.parameters().names()."));
    }

    /** Whether there is a parameter of that name. */
    public boolean has(String name) {
        return byName.containsKey(name);
    }

    /** Every name, in the model's order. */
    public Collection<String> names() {
        return java.util.Collections.unmodifiableCollection(byName.keySet());
    }

    /** How many numbers there are in all. */
    public long count() {
        return byName.values().stream().mapToLong(NDArray::size).sum();
    }

    /** The scope that owns them; constants of the model live there too. */
    public Scope scope() {
        return scope;
    }

    @Override
    public void close() {
        scope.close();
    }
}
