package org.lens4j.viz;

import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;

/**
 * One heat map of a {@link Sheet}.
 *
 * @param title above it; empty if it needs none
 * @param grid what it shows, {@code [rows columns]}, first row on top; NaN cells stay empty
 * @param cells what is written in and said about each cell
 */
record Panel(String title, Grid grid, Cells cells) {
    /** The words of a cell. */
    interface Cells {
        /** What is written into the cell, or empty. */
        String text(int row, int column);

        /** What is said about the cell besides its place; empty for its number. */
        default String more(int row, int column) {
            return "";
        }

        /** What stands between row and column where a cell is named. */
        default String between() {
            return ", ";
        }
    }

    Axis rows() {
        return grid.axes().get(0);
    }

    Axis columns() {
        return grid.axes().get(1);
    }

    boolean empty(int row, int column) {
        return Float.isNaN(grid.at(row, column));
    }

    /** Whether everything above the diagonal is empty, as it is where no position sees a later one. */
    boolean causal() {
        int size = rows().size();
        if (size < 2 || size != columns().size()) {
            return false;
        }
        for (int row = 0; row < size; row++) {
            for (int column = row + 1; column < size; column++) {
                if (!empty(row, column)) {
                    return false;
                }
            }
        }
        return true;
    }
}
