package org.lens4j.process;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.lens4j.config.ModelConfig;
import org.lens4j.tensor.Scope;
import org.lens4j.weights.Parameters;

/** Parameters while they are rewritten: copies on demand, everything in one scope. */
final class Workbench {
    private final ModelConfig config;
    private final Scope scope;
    private final Map<String, NDArray> byName = new LinkedHashMap<>();

    Workbench(ModelConfig config, Parameters original, Scope scope) {
        this.config = config;
        this.scope = scope;
        for (String name : original.names()) {
            // A handle of our own to the same memory; passes make new tensors and never write into these.
            byName.put(name, scope.alias(original.get(name)));
        }
    }

    ModelConfig config() {
        return config;
    }

    NDArray get(String name) {
        return Objects.requireNonNull(byName.get(name), () -> "no parameter " + name);
    }

    /** Replaces a parameter; the new tensor must be one of this workbench's. */
    void put(String name, NDArray value) {
        byName.put(name, value);
    }

    void replace(String name, UnaryOperator<NDArray> rewrite) {
        put(name, rewrite.apply(get(name)));
    }

    NDArray zeros(Shape shape) {
        return scope.zeros(shape);
    }

    NDArray ones(Shape shape) {
        return scope.manager().ones(shape);
    }

    /** The parameters as they are now, each with memory of its own, owned by {@code owner}. */
    Parameters finished(Scope owner) {
        Map<String, NDArray> copies = new LinkedHashMap<>();
        byName.forEach((name, tensor) -> copies.put(name, owner.adopt(tensor.duplicate())));
        return new Parameters(owner, copies);
    }
}
