package org.lens4j.cache;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import org.lens4j.error.UsageException;
import org.lens4j.tensor.Axes;
import org.lens4j.tensor.Scope;
import org.lens4j.tensor.Slice;

/**
 * Some sequences of a cache's batch.
 *
 * @param whole the cache
 * @param sequences which of them
 * @param batch how many it has
 */
record BatchPart(ActivationCache whole, Slice sequences, long batch) {
    /** The axis of every token of every sequence: each sequence's lie together. */
    private static final String ROW = "row";

    static ActivationCache of(ActivationCache whole, Slice sequences) {
        BatchPart part = new BatchPart(whole, sequences, batch(whole));
        int[] taken = sequences.indices(ActivationCache.BATCH, part.batch);
        Store from = whole.store();
        Store store = new Store(new Scope(from.scope()), from.options());
        for (String name : whole.names()) {
            Slot slot = from.slot(name);
            part.shape(name, slot.shape())
                    .ifPresent(it -> store.put(Slot.of(name, it, slot.stored(), scope -> part.read(name, scope))));
        }
        return new ActivationCache(
                store,
                whole.meaning(),
                whole.fed().filter(it -> taken.length > 0).map(it -> it.sequences(taken)));
    }

    static void requireOne(ActivationCache whole) {
        long batch = batch(whole);
        if (batch != 1) {
            throw new UsageException(
                    "The batch axis has %d sequences, and only one of size 1 can be removed. Take one of them: batchSlice(Slice.at(0))."
                            .formatted(batch));
        }
    }

    private static long batch(ActivationCache whole) {
        for (String name : whole.names()) {
            int axis = whole.axes(name)
                    .map(it -> it.indexOf(ActivationCache.BATCH))
                    .orElse(-1);
            if (axis >= 0) {
                return whole.shape(name).get(axis);
            }
        }
        throw new UsageException("None of the %d activations of this cache has a batch axis. Use them as they are."
                .formatted(whole.size()));
    }

    /** The shape that is left; empty without a batch axis. */
    private Optional<Shape> shape(String name, Shape shape) {
        Optional<Axes> axes = whole.axes(name);
        if (axes.filter(it -> it.indexOf(ActivationCache.BATCH) == 0).isPresent()) {
            return Optional.of(sequences.of(shape, 0, ActivationCache.BATCH));
        }
        if (axes.filter(it -> it.indexOf(ROW) == 0).isPresent()) {
            Shape rows = sequences.of(new Shape(batch, shape.get(0) / batch), 0, ActivationCache.BATCH);
            return Optional.of(new Shape(rows.size()).addAll(shape.slice(1)));
        }
        return Optional.empty();
    }

    private NDArray read(String name, Scope scope) {
        NDArray all = whole.get(name);
        Shape shape = all.getShape();
        Shape left = shape(name, shape).orElseThrow();
        try (Scope inside = Scope.root()) {
            NDArray mine = inside.alias(all);
            NDArray bySequence = whole.axes(name).orElseThrow().indexOf(ROW) == 0
                    ? mine.reshape(new Shape(batch, shape.get(0) / batch).addAll(shape.slice(1)))
                    : mine;
            return scope.copy(sequences.of(bySequence, 0, ActivationCache.BATCH))
                    .reshape(left);
        }
    }
}
