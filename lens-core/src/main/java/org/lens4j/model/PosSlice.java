package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.stream.Stream;
import org.lens4j.error.RangeException;
import org.lens4j.tensor.Axes;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/**
 * Which positions of activations are kept. TransformerLens: {@code pos_slice}, which takes rotated queries and keys, and the
 * inputs of single heads, along the wrong axis; here it is the positions' of every hook point.
 *
 * @param from the first; negative ones count from the end
 * @param count how many
 */
record PosSlice(int from, int count) {
    /** The kept part: a view that belongs to the activation's manager; the activation itself where it has no positions. */
    NDArray of(NDArray activation, Axes axes) {
        int axis = Stream.of("pos", "query_pos", "key_pos")
                .mapToInt(axes::indexOf)
                .filter(it -> it >= 0)
                .findFirst()
                .orElse(-1);
        if (axis < 0) {
            return activation;
        }
        long size = activation.getShape().get(axis);
        long first = from < 0 ? from + size : from;
        if (first < 0 || first + count > size) {
            throw new RangeException("Positions %d to %d are asked for, and the run has %d. Give %d to %d."
                    .formatted(from, from + count - 1, size, -size, size - 1));
        }
        try (Scope scope = Scope.root()) {
            return Kernels.call(
                    "stretch", activation, scope.scalar((long) axis), scope.scalar(first), scope.scalar((long) count));
        }
    }
}
