package org.lens4j.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.lens4j.error.RangeException;
import org.lens4j.error.UsageException;

/**
 * Which indices of one axis are taken. Negative ones count from the end, as in Python. TransformerLens: {@code Slice}.
 *
 * <pre>{@code
 * cache.get("pattern3", Map.of("head", Slice.at(2), "query_pos", Slice.range(-5, -1)))
 * }</pre>
 */
public sealed interface Slice {
    /** One index; the axis is gone afterwards. */
    record At(int index) implements Slice {}

    /**
     * Every {@code step}-th index; the axis stays. Ends outside the axis are cut off at it, as in Python.
     *
     * @param from the first; empty for the axis's
     * @param to the first that is not taken; empty for all
     * @param step at least 1
     */
    record Range(OptionalInt from, OptionalInt to, int step) implements Slice {
        /** Refuses steps backwards. */
        public Range {
            if (step < 1) {
                throw new UsageException(
                        "A slice has step %d. Give 1 or more; to go backwards, list the indices.".formatted(step));
            }
        }
    }

    /** These indices, in this order; the axis stays. */
    record Picks(List<Integer> indices) implements Slice {
        /** Copies the indices. */
        public Picks {
            indices = List.copyOf(indices);
        }
    }

    /** Everything. */
    record All() implements Slice {}

    /** One index; the axis is dropped. Python: {@code x[index]}. */
    static Slice at(int index) {
        return new At(index);
    }

    /** From one index up to, not including, another. Python: {@code x[from:to]}. */
    static Slice range(int from, int to) {
        return range(from, to, 1);
    }

    /** Every so manyth. Python: {@code x[from:to:step]}. */
    static Slice range(int from, int to, int step) {
        return new Range(OptionalInt.of(from), OptionalInt.of(to), step);
    }

    /** From one index on. Python: {@code x[from:]}. */
    static Slice from(int from) {
        return new Range(OptionalInt.of(from), OptionalInt.empty(), 1);
    }

    /** Up to, not including, an index. Python: {@code x[:to]}. */
    static Slice to(int to) {
        return new Range(OptionalInt.empty(), OptionalInt.of(to), 1);
    }

    /** These indices, in this order. Python: {@code x[[…]]}. */
    static Slice picks(Integer... indices) {
        return new Picks(List.of(indices));
    }

    /** Everything, the axis stays. Python: {@code x[:]}. */
    static Slice all() {
        return new All();
    }

    /** Whether the axis is gone afterwards. */
    default boolean dropsAxis() {
        return this instanceof At;
    }

    /**
     * The indices that are taken of an axis.
     *
     * @param axis its name, for messages
     * @param size of the axis
     * @return from 0, in the order they are taken
     * @throws RangeException for an index the axis does not have
     */
    default int[] indices(String axis, long size) {
        int length = Math.toIntExact(size);
        if (this instanceof At at) {
            return new int[] {index(axis, at.index(), length)};
        }
        if (this instanceof Picks picks) {
            return picks.indices().stream()
                    .mapToInt(it -> index(axis, it, length))
                    .toArray();
        }
        if (this instanceof Range range) {
            int first = clamped(range.from().orElse(0), length);
            int end = clamped(range.to().orElse(length), length);
            return IntStream.iterate(first, it -> it < end, it -> it + range.step())
                    .toArray();
        }
        return IntStream.range(0, length).toArray();
    }

    private static int index(String axis, int asked, int size) {
        int index = asked < 0 ? asked + size : asked;
        if (index < 0 || index >= size) {
            throw new RangeException("Index %d of axis %s is asked for, and it has %d. Give %d to %d."
                    .formatted(asked, axis, size, -size, size - 1));
        }
        return index;
    }

    private static int clamped(int asked, int size) {
        return Math.max(0, Math.min(size, asked < 0 ? asked + size : asked));
    }

    /**
     * Takes the indices.
     *
     * @param x stays with its owner
     * @param position of the axis, from 0
     * @param axis its name, for messages
     * @return owned by x's manager; a view of x, except of picked indices
     * @throws RangeException for an index the axis does not have
     */
    default NDArray of(NDArray x, int position, String axis) {
        int[] taken = indices(axis, x.getShape().get(position));
        try (Scope scope = Scope.root()) {
            NDArray along = scope.scalar((long) position);
            if (this instanceof At) {
                return Kernels.call("selected", x, along, scope.scalar((long) taken[0]));
            }
            if (this instanceof Picks) {
                long[] ids = IntStream.of(taken).asLongStream().toArray();
                return Kernels.call("picked", x, along, scope.longs(ids, new Shape(ids.length)));
            }
            long first = taken.length == 0 ? 0 : taken[0];
            long end = taken.length == 0 ? 0 : taken[taken.length - 1] + 1L;
            long step = this instanceof Range range ? range.step() : 1;
            return Kernels.call("strided", x, along, scope.scalar(first), scope.scalar(end), scope.scalar(step));
        }
    }

    /** The shape that is left of one. */
    default Shape of(Shape shape, int position, String axis) {
        int[] taken = indices(axis, shape.get(position));
        long[] sizes = shape.getShape();
        return new Shape(IntStream.range(0, sizes.length)
                .filter(i -> i != position || !dropsAxis())
                .mapToLong(i -> i == position ? taken.length : sizes[i])
                .toArray());
    }
}
