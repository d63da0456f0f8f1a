package org.lens4j.tensor;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The names of a tensor's axes, outermost first, in the field's words: batch, pos, head, d_head, d_model, …
 *
 * @param names one for each axis
 */
public record Axes(List<String> names) {
    /** Copies the names. */
    public Axes {
        names = List.copyOf(names);
    }

    /**
     * Axes from blank-separated names, for example {@code Axes.of("batch pos d_model")}.
     *
     * @param names separated by blanks
     */
    public static Axes of(String names) {
        return new Axes(List.of(names.split(" ", -1)));
    }

    /** How many axes there are. */
    public int rank() {
        return names.size();
    }

    /** Where the axis of that name is, or -1. */
    public int indexOf(String name) {
        return names.indexOf(name);
    }

    /**
     * A shape with its axes named, for example {@code [batch=1 pos=15 d_model=64]}; a shape of another rank is given bare.
     *
     * @param shape any shape
     */
    public String describe(Shape shape) {
        if (shape.dimension() != names.size()) {
            return shape.toString();
        }
        return IntStream.range(0, names.size())
                .mapToObj(i -> names.get(i) + "=" + shape.get(i))
                .collect(Collectors.joining(" ", "[", "]"));
    }

    @Override
    public String toString() {
        return "[" + String.join(" ", names) + "]";
    }
}
