package org.lens4j.viz;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;

/** Places of the residual stream as rows: they run from bottom to top, in the logit lens and in all it measures. */
final class Upward {
    /** What readers are told. */
    static final String NOTE = "The last layer is on top.";

    private Upward() {}

    /** Whether the last two axes are places of the residual stream, {@code 0_pre} to {@code final_post}, and positions. */
    static boolean are(Grid grid) {
        if (grid.rank() < 2) {
            return false;
        }
        Axis rows = grid.axes().get(grid.rank() - 2);
        return rows.name().equals("component")
                && rows.labels().stream().allMatch(label -> label.matches("\\d+_(pre|mid)|final_post"))
                && grid.axes().get(grid.rank() - 1).name().equals("pos");
    }

    /** The grid; its last row first if its rows are such places. */
    static Grid on(Grid grid) {
        return are(grid) ? turned(grid, 0, grid.axes().get(1).size()) : grid;
    }

    /**
     * Some columns of a grid, its last row first.
     *
     * @param grid {@code [rows columns]}
     * @param from the first column
     * @param until behind the last one
     */
    static Grid turned(Grid grid, int from, int until) {
        Axis rows = grid.axes().get(0);
        Axis columns = grid.axes().get(1);
        int across = until - from;
        float[] all = grid.values();
        float[] part = new float[rows.size() * across];
        for (int row = 0; row < rows.size(); row++) {
            System.arraycopy(all, (rows.size() - 1 - row) * columns.size() + from, part, row * across, across);
        }
        List<String> names = new ArrayList<>(rows.labels());
        Collections.reverse(names);
        return new Grid(
                grid.title(),
                grid.unit(),
                List.of(
                        new Axis(rows.name(), names),
                        new Axis(columns.name(), columns.labels().subList(from, until))),
                part);
    }
}
