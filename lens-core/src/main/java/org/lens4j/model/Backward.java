package org.lens4j.model;

import java.util.List;
import java.util.Optional;

/**
 * What is wanted of the pass back through a run.
 *
 * @param metric the number gradients are taken of; empty for no pass back
 * @param activations names or globs whose gradients are kept
 * @param parameters names or globs of parameters whose gradients are kept
 */
record Backward(Optional<Metric> metric, List<String> activations, List<String> parameters) {
    Backward {
        activations = List.copyOf(activations);
        parameters = List.copyOf(parameters);
    }

    static Backward none() {
        return new Backward(Optional.empty(), List.of(), List.of());
    }
}
