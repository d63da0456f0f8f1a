package org.lens4j.weights;

import java.util.List;

/**
 * One tensor of a checkpoint, as the file describes it.
 *
 * @param name as the file spells it
 * @param type how its numbers are stored
 * @param shape sizes, outermost first; empty for a single number
 */
public record TensorEntry(String name, StoredType type, List<Long> shape) {
    /** Copies the shape. */
    public TensorEntry {
        shape = List.copyOf(shape);
    }

    /**
     * How many numbers it has.
     *
     * @throws ArithmeticException if they cannot be counted with 63 bits; files with such shapes are refused when opened
     */
    public long count() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /**
     * Bytes of all its numbers in their stored type.
     *
     * @throws ArithmeticException as {@link #count()}
     */
    public long bytes() {
        return Math.multiplyExact(count(), (long) type.bytes());
    }

    /** The shape as an array. */
    public long[] dimensions() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    @Override
    public String toString() {
        return "%s %s %s".formatted(name, type, shape);
    }
}
