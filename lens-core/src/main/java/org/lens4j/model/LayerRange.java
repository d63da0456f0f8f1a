package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import java.util.OptionalInt;
import org.lens4j.error.RangeException;

/**
 * Which blocks a run goes through. Numbers are those of a Python slice: negative ones count from the end.
 *
 * @param start the first block, with the residual stream it reads; empty to begin with the embedding
 * @param stop the first block that is not run; empty to go on to the logits
 */
record LayerRange(Optional<Start> start, OptionalInt stop) {
    /**
     * Where a run begins.
     *
     * @param layer the first block
     * @param residual what it reads, {@code [batch pos d_model]}, stays with the caller
     */
    record Start(int layer, NDArray residual) {}

    static LayerRange all() {
        return new LayerRange(Optional.empty(), OptionalInt.empty());
    }

    /** The first block. */
    int first(int nLayers) {
        return start.map(it -> resolved("startAtLayer", it.layer(), nLayers)).orElse(0);
    }

    /** The first block that is not run. */
    int end(int nLayers) {
        return stop.isPresent() ? resolved("stopAtLayer", stop.getAsInt(), nLayers) : nLayers;
    }

    private static int resolved(String what, int layer, int nLayers) {
        int counted = layer < 0 ? layer + nLayers : layer;
        if (counted < 0 || counted > nLayers) {
            throw new RangeException("%s %d is outside this model, which has %d layers. Give %d to %d."
                    .formatted(what, layer, nLayers, -nLayers, nLayers));
        }
        return counted;
    }
}
