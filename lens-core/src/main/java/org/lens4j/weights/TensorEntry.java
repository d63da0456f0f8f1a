package org.lens4j.weights;

import java.util.Arrays;
import java.util.List;

/**
 * One tensor of a checkpoint file, as its header describes it.
 *
 * @param name as the file spells it
 * @param type how its numbers are stored
 * @param shape sizes, outermost first; empty for a single number
 * @param begin first byte, counted from the start of the data
 * @param end one past the last byte
 */
public record TensorEntry(String name, StoredType type, List<Long> shape, long begin, long end) {
    /** Copies the shape. */
    public TensorEntry {
        shape = List.copyOf(shape);
    }

    /** Bytes in the file. */
    public long bytes() {
        return end - begin;
    }

    /** The shape as an array. */
    public long[] dimensions() {
        return shape.stream().mapToLong(Long::longValue).toArray();
    }

    @Override
    public String toString() {
        return "%s %s %s".formatted(name, type, Arrays.toString(dimensions()));
    }
}
