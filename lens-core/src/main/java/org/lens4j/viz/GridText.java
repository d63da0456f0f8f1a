package org.lens4j.viz;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;

/**
 * Results as text for other programs: CSV and JSON.
 *
 * <pre>{@code String csv = GridText.of(grid).csv();}</pre>
 *
 * @param grids with the same axes, at least one
 * @param words a word at each place of them
 * @param notes what readers should know, a sentence each
 */
public record GridText(List<Grid> grids, Optional<Words> words, List<String> notes) {
    static final Gson JSON =
            new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

    /** Copies the lists. */
    public GridText {
        grids = List.copyOf(grids);
        notes = List.copyOf(notes);
    }

    /**
     * A word at each place of a grid.
     *
     * @param title heads its column
     * @param each row-major, as the grid's numbers
     */
    public record Words(String title, List<String> each) {
        /** Copies the list. */
        public Words {
            each = List.copyOf(each);
        }
    }

    /** One grid, and nothing to say about it. */
    public static GridText of(Grid grid) {
        return new GridText(List.of(grid), Optional.empty(), List.of());
    }

    /** Axes, labels and numbers; of several results, or one and words, the list {@code results}. */
    public String json() {
        List<Axis> axes = grids.get(0).axes();
        List<JsonObject> results = new ArrayList<>();
        for (Grid grid : grids) {
            float[] values = grid.values();
            results.add(one(grid.title(), grid.unit(), grid.axes(), i -> number(values[i])));
        }
        words.ifPresent(it -> results.add(one(it.title, "text", axes, i -> new JsonPrimitive(it.each.get(i)))));
        JsonObject object = results.get(0);
        if (results.size() > 1) {
            JsonArray list = new JsonArray();
            results.forEach(list::add);
            object = new JsonObject();
            object.add("results", list);
        }
        JsonArray said = new JsonArray();
        notes.forEach(said::add);
        object.add("notes", said);
        return JSON.toJson(object);
    }

    private static JsonObject one(String title, String unit, List<Axis> of, IntFunction<JsonElement> value) {
        JsonObject object = new JsonObject();
        object.addProperty("title", title);
        object.addProperty("unit", unit);
        JsonArray axes = new JsonArray();
        for (Axis axis : of) {
            JsonObject one = new JsonObject();
            one.addProperty("name", axis.name());
            JsonArray labels = new JsonArray();
            axis.labels().forEach(labels::add);
            one.add("labels", labels);
            axes.add(one);
        }
        object.add("axes", axes);
        object.add("values", nested(value, of, 0));
        return object;
    }

    /** JSON has neither NaN, here null, nor infinities, here text. */
    private static JsonElement number(float value) {
        return Float.isNaN(value)
                ? JsonNull.INSTANCE
                : Float.isInfinite(value) ? new JsonPrimitive(Float.toString(value)) : new JsonPrimitive(value);
    }

    /** Lists in lists, as deep as there are axes. */
    private static JsonElement nested(IntFunction<JsonElement> values, List<Axis> axes, int first) {
        if (axes.isEmpty()) {
            return values.apply(first);
        }
        List<Axis> inner = axes.subList(1, axes.size());
        int step = inner.stream().mapToInt(Axis::size).reduce(1, Math::multiplyExact);
        JsonArray array = new JsonArray();
        for (int i = 0; i < axes.get(0).size(); i++) {
            array.add(nested(values, inner, first + i * step));
        }
        return array;
    }

    /** A line for each number, the labels of its place before it; NaN is an empty field. */
    public String csv() {
        List<Axis> axes = grids.get(0).axes();
        StringBuilder out = new StringBuilder();
        Stream<String> values = grids.size() == 1 && words.isEmpty()
                ? Stream.of("value")
                : Stream.concat(grids.stream().map(Grid::title), words.stream().map(Words::title));
        out.append(line(Stream.concat(axes.stream().map(Axis::name), values)));
        List<float[]> columns = grids.stream().map(Grid::values).toList();
        for (int flat = 0; flat < columns.get(0).length; flat++) {
            List<String> fields = new ArrayList<>();
            int inner = columns.get(0).length;
            for (Axis axis : axes) {
                inner /= axis.size();
                fields.add(axis.labels().get(flat / inner % axis.size()));
            }
            for (float[] column : columns) {
                fields.add(Float.isNaN(column[flat]) ? "" : Float.toString(column[flat]));
            }
            int place = flat;
            words.ifPresent(it -> fields.add(it.each.get(place)));
            out.append(line(fields.stream()));
        }
        return out.toString();
    }

    /** One line of CSV. */
    static String line(Stream<String> fields) {
        return fields.map(GridText::quoted).collect(Collectors.joining(",", "", "\n"));
    }

    private static String quoted(String field) {
        boolean plain = field.chars().noneMatch(it -> it == ',' || it == '"' || it == '\n' || it == '\r')
                && field.equals(field.strip());
        return plain ? field : "\"" + field.replace("\"", "\"\"") + "\"";
    }
}
