package org.lens4j.viz;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import tech.tablesaw.api.FloatColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/**
 * A grid as a Tablesaw table in long form: one row for each cell, one column for each axis, then {@code value}. Column
 * names are lower snake_case; an axis that counts becomes numbers, any other holds its labels. NaN is a missing value.
 *
 * <pre>{@code
 * Table table = GridTable.of(grid);                       // layer, pos, value
 * table.where(table.floatColumn("value").isGreaterThan(0.5));
 * }</pre>
 */
public final class GridTable {
    private static final String VALUE = "value";

    private GridTable() {}

    /**
     * The table of a grid.
     *
     * @param grid any number of axes
     * @return as many rows as the grid has cells, in its order
     */
    public static Table of(Grid grid) {
        float[] values = grid.values();
        List<Column<?>> columns = new ArrayList<>();
        List<String> taken = new ArrayList<>(List.of(VALUE));
        int inner = values.length;
        for (Axis axis : grid.axes()) {
            inner = axis.size() == 0 ? 0 : inner / axis.size();
            columns.add(column(unused(snake(axis.name()), taken), axis, inner, values.length));
        }
        columns.add(FloatColumn.create(VALUE, values));
        return Table.create(grid.title(), columns);
    }

    private static Column<?> column(String name, Axis axis, int inner, int rows) {
        if (counts(axis)) {
            int[] indices = new int[rows];
            for (int row = 0; row < rows; row++) {
                indices[row] = row / inner % axis.size();
            }
            return IntColumn.create(name, indices);
        }
        String[] labels = new String[rows];
        for (int row = 0; row < rows; row++) {
            labels[row] = axis.labels().get(row / inner % axis.size());
        }
        return StringColumn.create(name, labels);
    }

    private static boolean counts(Axis axis) {
        for (int i = 0; i < axis.size(); i++) {
            if (!axis.labels().get(i).equals(Integer.toString(i))) {
                return false;
            }
        }
        return true;
    }

    private static String snake(String name) {
        String snake = name.replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "_");
        return snake.isEmpty() || snake.equals("_") ? "axis" : snake;
    }

    private static String unused(String name, List<String> taken) {
        String unused = name;
        for (int i = 2; taken.contains(unused); i++) {
            unused = name + "_" + i;
        }
        taken.add(unused);
        return unused;
    }
}
