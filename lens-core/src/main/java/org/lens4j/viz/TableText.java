package org.lens4j.viz;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import tech.tablesaw.api.FloatColumn;
import tech.tablesaw.api.NumericColumn;
import tech.tablesaw.api.Table;
import tech.tablesaw.columns.Column;

/** Tables as text for other programs: CSV and JSON, with every row and every digit. */
final class TableText {
    private TableText() {}

    /** The names of the columns, and a line for each row; what is missing is an empty field. */
    static String csv(Table table) {
        StringBuilder out = new StringBuilder(GridText.line(table.columnNames().stream()));
        for (int row = 0; row < table.rowCount(); row++) {
            int at = row;
            out.append(GridText.line(
                    table.columns().stream().map(it -> it.isMissing(at) ? "" : it.getUnformattedString(at))));
        }
        return out.toString();
    }

    /** A list with an object for each row. */
    static String json(Table table) {
        JsonArray rows = new JsonArray();
        for (int row = 0; row < table.rowCount(); row++) {
            JsonObject object = new JsonObject();
            for (Column<?> column : table.columns()) {
                object.add(column.name(), cell(column, row));
            }
            rows.add(object);
        }
        return GridText.JSON.toJson(rows);
    }

    private static JsonElement cell(Column<?> column, int row) {
        if (column.isMissing(row)) {
            return JsonNull.INSTANCE;
        }
        if (column instanceof FloatColumn numbers) {
            return number(numbers.getFloat(row));
        }
        return column instanceof NumericColumn<?> numbers
                ? number(numbers.getDouble(row))
                : new JsonPrimitive(column.getString(row));
    }

    /** JSON has no infinities, here text; whole numbers are written without a point. */
    private static JsonPrimitive number(Number value) {
        double number = value.doubleValue();
        if (Double.isInfinite(number)) {
            return new JsonPrimitive(value.toString());
        }
        boolean whole = number == Math.rint(number) && Math.abs(number) < 1e15;
        return new JsonPrimitive(whole ? (Number) (long) number : value);
    }
}
