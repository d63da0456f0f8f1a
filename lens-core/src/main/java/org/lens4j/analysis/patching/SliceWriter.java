package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.tensor.Axes;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/**
 * Copies what stands at some indices from one activation into another.
 *
 * @param sites the axes of the patch, layer first
 * @param axes of the activation
 * @param start the position both activations begin with
 */
record SliceWriter(List<PatchAxis> sites, Axes axes, int start) {
    /**
     * Copies.
     *
     * @param into {@code [row ..]}
     * @param from {@code [batch ..]}
     * @param row the first of as many rows as there are in the batch
     * @param index layer first
     */
    void write(NDArray into, NDArray from, int row, int[] index) {
        int count = sites.size() - 1;
        long[] along = new long[count];
        long[] at = new long[count];
        for (int i = 0; i < count; i++) {
            PatchAxis site = sites.get(i + 1);
            along[i] = site.in(axes);
            at[i] = site.saysWhen() ? (long) index[i + 1] - start : index[i + 1];
        }
        try (Scope scope = Scope.root()) {
            Kernels.inPlace(
                    "patch_in_place",
                    into,
                    from,
                    scope.scalar((long) row),
                    scope.longs(along, new Shape(count)),
                    scope.longs(at, new Shape(count)));
        }
    }

    /** The rows of one patch, a view that belongs to the activation's owner. */
    NDArray rows(NDArray into, int row, NDArray from) {
        try (Scope scope = Scope.root()) {
            return Kernels.call(
                    "stretch",
                    into,
                    scope.scalar(0L),
                    scope.scalar((long) row),
                    scope.scalar(from.getShape().get(0)));
        }
    }

    /** An activation from a position on: a view that belongs to its owner; itself where it has no such axis. */
    static NDArray from(int start, NDArray whole, Axes axes) {
        int axis = IntStream.of(axes.indexOf("pos"), axes.indexOf("query_pos"))
                .max()
                .orElse(-1);
        if (axis < 0 || start == 0) {
            return whole;
        }
        try (Scope scope = Scope.root()) {
            return Kernels.call(
                    "stretch",
                    whole,
                    scope.scalar((long) axis),
                    scope.scalar((long) start),
                    scope.scalar(whole.getShape().get(axis) - start));
        }
    }
}
