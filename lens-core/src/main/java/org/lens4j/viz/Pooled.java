package org.lens4j.viz;

import java.util.ArrayList;
import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;

/**
 * A {@code [rows columns]} grid made small enough to be seen.
 *
 * @param grid the same grid, or one whose cells each stand for a block, with the block's strongest number
 * @param note what was done, empty if nothing was
 */
record Pooled(Grid grid, String note) {
    /** More cells than this along one side cannot be told apart. */
    static final int MOST = 96;

    static Pooled of(Grid grid) {
        int down = factor(grid.axes().get(0));
        int across = factor(grid.axes().get(1));
        if (down == 1 && across == 1) {
            return new Pooled(grid, "");
        }
        Axis rows = every(grid.axes().get(0), down);
        Axis columns = every(grid.axes().get(1), across);
        float[] strongest = new float[rows.size() * columns.size()];
        for (int i = 0; i < strongest.length; i++) {
            strongest[i] = strongest(grid, i / columns.size() * down, i % columns.size() * across, down, across);
        }
        String note = "Downsampled: each cell is the strongest of %d × %d.".formatted(down, across);
        return new Pooled(new Grid(grid.title(), grid.unit(), List.of(rows, columns), strongest), note);
    }

    private static float strongest(Grid grid, int top, int left, int down, int across) {
        float strongest = Float.NaN;
        int bottom = Math.min(grid.axes().get(0).size(), top + down);
        int right = Math.min(grid.axes().get(1).size(), left + across);
        for (int row = top; row < bottom; row++) {
            for (int column = left; column < right; column++) {
                float value = grid.at(row, column);
                if (!Float.isNaN(value) && !(Math.abs(value) <= Math.abs(strongest))) {
                    strongest = value;
                }
            }
        }
        return strongest;
    }

    private static int factor(Axis axis) {
        return Math.max(1, (axis.size() + MOST - 1) / MOST);
    }

    private static Axis every(Axis axis, int factor) {
        if (factor == 1) {
            return axis;
        }
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < axis.size(); i += factor) {
            labels.add(axis.labels().get(i) + "…");
        }
        return new Axis(axis.name(), labels);
    }
}
