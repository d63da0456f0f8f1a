package org.lens4j.analysis;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UnknownNameException;

/**
 * The result of an analysis: float32 numbers on the Java heap with named, labelled axes. Immutable, owns no native memory,
 * stays valid after the model is closed. {@code NaN} means "nothing here", for example above the causal diagonal.
 *
 * <pre>{@code
 * Grid pattern = Lens.load("demo").attention(prompt, 1);   // [head query_pos key_pos]
 * float p = pattern.at(0, 5, 1);
 * Grid head = pattern.slice("head", 0);
 * }</pre>
 */
public final class Grid {
    private final String title;
    private final String unit;
    private final List<Axis> axes;
    private final float[] values;

    /**
     * Copies the numbers.
     *
     * @param title what is shown, in a few words
     * @param unit what one number is: probability, logit, nats, score
     * @param axes outermost first
     * @param values row-major, as many as the axes' sizes multiplied
     * @throws ShapeException if the count differs
     */
    public Grid(String title, String unit, List<Axis> axes, float[] values) {
        this.title = title;
        this.unit = unit;
        this.axes = List.copyOf(axes);
        this.values = values.clone();
        int size = axes.stream().mapToInt(Axis::size).reduce(1, Math::multiplyExact);
        if (size != values.length) {
            throw new ShapeException("A grid %s needs %d numbers, got %d.".formatted(shape(), size, values.length));
        }
    }

    /** What is shown, in a few words. */
    public String title() {
        return title;
    }

    /** What one number is: probability, logit, nats, score. */
    public String unit() {
        return unit;
    }

    /** The axes, outermost first. */
    public List<Axis> axes() {
        return axes;
    }

    /** How many axes there are. */
    public int rank() {
        return axes.size();
    }

    /** A copy of all numbers, row-major. */
    public float[] values() {
        return values.clone();
    }

    /**
     * The axis of that name.
     *
     * @throws UnknownNameException if there is none
     */
    public Axis axis(String name) {
        return axes.get(indexOf(name));
    }

    /**
     * One number.
     *
     * @param index one index for each axis, outermost first
     * @throws ShapeException if there are too few or too many indices
     * @throws RangeException if one is outside its axis
     */
    public float at(int... index) {
        if (index.length != axes.size()) {
            throw new ShapeException("This grid has the axes %s; %d indices were given: %s."
                    .formatted(shape(), index.length, Arrays.toString(index)));
        }
        int flat = 0;
        for (int i = 0; i < index.length; i++) {
            Axis axis = axes.get(i);
            flat = flat * axis.size() + RangeException.index(axis.name(), index[i], axis.size(), "The grid");
        }
        return values[flat];
    }

    /**
     * The part of the grid at one index of one axis, which is dropped.
     *
     * @param axisName the axis to fix
     * @param index where
     * @throws UnknownNameException if there is no such axis
     * @throws RangeException if the index is outside it
     */
    public Grid slice(String axisName, int index) {
        int dropped = indexOf(axisName);
        Axis axis = axes.get(dropped);
        RangeException.index(axisName, index, axis.size(), "The grid");
        int inner = axes.subList(dropped + 1, axes.size()).stream()
                .mapToInt(Axis::size)
                .reduce(1, Math::multiplyExact);
        int outer = values.length / (inner * axis.size());
        float[] part = new float[outer * inner];
        for (int o = 0; o < outer; o++) {
            System.arraycopy(values, (o * axis.size() + index) * inner, part, o * inner, inner);
        }
        List<Axis> rest = new ArrayList<>(axes);
        rest.remove(dropped);
        return new Grid("%s, %s".formatted(title, axis.place(index)), unit, rest, part);
    }

    /**
     * Grids of one shape on a new first axis, for looking at them side by side.
     *
     * <pre>{@code
     * Grid both = Grid.stacked("patched and estimated", new Axis("how", List.of("patched", "estimated")), patched, estimated);
     * }</pre>
     *
     * @param title of the whole
     * @param first one label for each grid
     * @param grids at least one; the first one's unit and labels are those of the whole
     * @throws ShapeException if there are fewer or more grids than labels, or one has other axes
     */
    public static Grid stacked(String title, Axis first, Grid... grids) {
        if (grids.length == 0 || grids.length != first.size()) {
            throw new ShapeException(
                    "%d grids are stacked on axis %s, which has the labels %s. Give one label for each grid."
                            .formatted(grids.length, first.name(), first.labels()));
        }
        int size = grids[0].values.length;
        float[] values = new float[grids.length * size];
        for (int i = 0; i < grids.length; i++) {
            if (!grids[i].shape().equals(grids[0].shape())) {
                throw new ShapeException("\"%s\" has the axes %s and cannot be stacked on %s. Stack grids of one shape."
                        .formatted(grids[i].title, grids[i].shape(), grids[0].shape()));
            }
            System.arraycopy(grids[i].values, 0, values, i * size, size);
        }
        List<Axis> axes = new ArrayList<>(List.of(first));
        axes.addAll(grids[0].axes);
        return new Grid(title, grids[0].unit, axes, values);
    }

    /**
     * The same numbers with neighbouring axes as one: small grids are read more easily as rows of numbers.
     *
     * <pre>{@code
     * Grid.stacked("heads", kinds, before, after).flat("layer", "head")      // [kind layer head] becomes [kind "layer head"]
     * }</pre>
     *
     * @param names of the axes, in their order; none means all
     * @return labelled {@code L1H0} for layer and head, otherwise with the labels one behind the other
     * @throws UnknownNameException if there is no such axis
     * @throws ShapeException if they do not stand side by side in this order
     */
    public Grid flat(String... names) {
        int first = names.length == 0 ? 0 : indexOf(names[0]);
        int count = names.length == 0 ? axes.size() : names.length;
        List<Axis> joined = axes.subList(first, Math.min(axes.size(), first + count));
        if (names.length > 0 && !joined.stream().map(Axis::name).toList().equals(List.of(names))) {
            throw new ShapeException(
                    "The axes %s cannot become one: they do not stand side by side in %s. Name neighbours, in their order."
                            .formatted(List.of(names), shape()));
        }
        List<Axis> flat = new ArrayList<>(axes);
        flat.subList(first, first + joined.size()).clear();
        flat.add(first, joined(joined));
        return new Grid(title, unit, flat, values);
    }

    private static Axis joined(List<Axis> axes) {
        List<String> labels = List.of("");
        String before = "";
        for (Axis axis : axes) {
            boolean together =
                    before.isEmpty() || (before.equals("layer") && axis.name().equals("head"));
            labels = labels.stream()
                    .flatMap(it -> axis.labels().stream().map(label -> it + (together ? "" : " ") + part(axis, label)))
                    .toList();
            before = axis.name();
        }
        return new Axis(axes.stream().map(Axis::name).collect(java.util.stream.Collectors.joining(" ")), labels);
    }

    private static String part(Axis axis, String label) {
        if (!label.matches("\\d+")) {
            return label;
        }
        return switch (axis.name()) {
            case "layer" -> "L" + label;
            case "head" -> "H" + label;
            case "prompt" -> axis.name() + " " + label;
            default -> label;
        };
    }

    /** The axes as text, for example {@code [head=4 query_pos=15 key_pos=15]}. */
    public String shape() {
        return axes.stream()
                .map(axis -> axis.name() + "=" + axis.size())
                .collect(java.util.stream.Collectors.joining(" ", "[", "]"));
    }

    @Override
    public String toString() {
        return "%s (%s) %s".formatted(title, unit, shape());
    }

    private int indexOf(String axisName) {
        for (int i = 0; i < axes.size(); i++) {
            if (axes.get(i).name().equals(axisName)) {
                return i;
            }
        }
        List<String> names = axes.stream().map(Axis::name).toList();
        throw UnknownNameException.of("axis", axisName, "\"" + title + "\"", names, "");
    }
}
