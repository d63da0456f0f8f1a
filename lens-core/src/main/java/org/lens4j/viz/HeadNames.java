package org.lens4j.viz;

import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;

/** Heads and neurons by the names they have in the field: {@code L5H1} is head 1 of layer 5. */
final class HeadNames {
    private HeadNames() {}

    /** The letter of a unit, or empty if the axis counts no units of a layer. */
    private static String letter(Axis axis) {
        return switch (axis.name()) {
            case "head" -> "H";
            case "neuron" -> "N";
            default -> "";
        };
    }

    /** The grid; if its axes are {@code [layer head]} its rows are {@code L0}, … and its columns {@code H0}, … */
    static Grid on(Grid grid) {
        if (!areIn(grid)) {
            return grid;
        }
        Axis layers = grid.axes().get(0);
        Axis units = grid.axes().get(1);
        return new Grid(
                grid.title(),
                grid.unit(),
                List.of(prefixed("L", layers), prefixed(letter(units), units)),
                grid.values());
    }

    private static boolean areIn(Grid grid) {
        return grid.rank() == 2
                && grid.axes().get(0).name().equals("layer")
                && !letter(grid.axes().get(1)).isEmpty();
    }

    private static Axis prefixed(String letter, Axis axis) {
        return new Axis(
                axis.name(),
                axis.labels().stream().map(label -> prefixed(letter, label)).toList());
    }

    private static String prefixed(String letter, String label) {
        return label.matches("\\d+.*") ? letter + label : label;
    }

    /** What stands between the labels of a row and a column where a cell is named: nothing in {@code L5H1}. */
    static String between(Grid grid) {
        return areIn(grid) ? "" : ", ";
    }

    /** A place of several axes as one name: {@code 1_mlp_out}, {@code L5H1}, or labels with commas between them. */
    static String name(Grid grid, int flat) {
        String name = "";
        int rest = flat;
        for (int i = grid.rank() - 1; i >= 0; i--) {
            Axis axis = grid.axes().get(i);
            String label = axis.labels().get(rest % axis.size());
            rest /= axis.size();
            boolean unit = i > 0
                    && !letter(axis).isEmpty()
                    && grid.axes().get(i - 1).name().equals("layer");
            boolean layer = axis.name().equals("layer")
                    && i + 1 < grid.rank()
                    && !letter(grid.axes().get(i + 1)).isEmpty();
            String own = unit ? prefixed(letter(axis), label) : layer ? prefixed("L", label) : label;
            name = name.isEmpty() || own.isEmpty() ? own + name : own + (layer ? "" : ", ") + name;
        }
        return name;
    }
}
