package org.lens4j.viz;

import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;

/** Layers, heads and neurons by the names they have in the field: {@code L5H1} is head 1 of layer 5. */
final class HeadNames {
    private HeadNames() {}

    /** The letter before a number, or empty if the axis counts neither layers nor units of one. */
    private static String letter(Axis axis) {
        return axis.name().equals("layer") ? "L" : unit(axis);
    }

    private static String unit(Axis axis) {
        return switch (axis.name()) {
            case "head" -> "H";
            case "neuron" -> "N";
            default -> "";
        };
    }

    /** The grid; layers are {@code L0}, …, heads {@code H0}, … and neurons {@code N0}, …. */
    static Grid on(Grid grid) {
        return new Grid(
                grid.title(),
                grid.unit(),
                grid.axes().stream().map(HeadNames::named).toList(),
                grid.values());
    }

    private static Axis named(Axis axis) {
        return new Axis(
                axis.name(),
                axis.labels().stream().map(label -> prefixed(axis, label)).toList());
    }

    private static String prefixed(Axis axis, String label) {
        return label.matches("\\d+.*") ? letter(axis) + label : label;
    }

    /** What stands before a label of such a grid where a place is named: nothing where its letter says what it counts. */
    static String word(Axis axis) {
        boolean said = !letter(axis).isEmpty() && axis.labels().stream().allMatch(label -> label.matches("[A-Z]\\d.*"));
        return said ? "" : AxisWord.before(axis);
    }

    /** What stands between the labels of a row and a column where a cell is named: nothing in {@code L5H1}. */
    static String between(Grid grid) {
        return grid.rank() == 2 ? between(grid, 0) : ", ";
    }

    private static String between(Grid grid, int axis) {
        boolean joined = grid.axes().get(axis).name().equals("layer")
                && !unit(grid.axes().get(axis + 1)).isEmpty();
        return joined ? "" : ", ";
    }

    /** A place of several axes as one name: {@code 1_mlp_out}, {@code L5H1}, or labels with commas between them. */
    static String name(Grid grid, int flat) {
        String name = "";
        int rest = flat;
        for (int i = grid.rank() - 1; i >= 0; i--) {
            Axis axis = grid.axes().get(i);
            String own = prefixed(axis, axis.labels().get(rest % axis.size()));
            rest /= axis.size();
            name = name.isEmpty() || own.isEmpty() ? own + name : own + between(grid, i) + name;
        }
        return name;
    }
}
