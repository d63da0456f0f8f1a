package org.lens4j.kernel.display;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.lens4j.viz.TextTable;

/** Fields of a record tree for people: names and short values in two columns, long values below. */
public final class Fields {
    private static final int LONGEST_LIST = 4;
    private static final double SMALL = 1e-3;
    private static final int SHORT = 24;
    private static final MathContext DIGITS = new MathContext(4);

    private record Field(String name, String value) {}

    private Fields() {}

    /**
     * All fields but those that are absent.
     *
     * @param bare an inner record whose fields need no prefix
     * @param lastName of a field to add
     * @param lastValue of that field
     */
    public static String text(JsonObject fields, String bare, String lastName, String lastValue) {
        List<Field> rows = new ArrayList<>();
        collect("", bare, fields, rows);
        rows.add(new Field(lastName, lastValue));
        return text(rows);
    }

    /** {@link #text(JsonObject, String, String, String)} with no field to add. */
    public static String text(JsonObject fields, String bare) {
        List<Field> rows = new ArrayList<>();
        collect("", bare, fields, rows);
        return text(rows);
    }

    private static String text(List<Field> rows) {
        List<Field> brief =
                rows.stream().filter(it -> it.value().length() <= SHORT).toList();
        TextTable table = TextTable.of(4, TextTable.Side.LEFT);
        int half = (brief.size() + 1) / 2;
        for (int i = 0; i < half; i++) {
            List<String> row =
                    new ArrayList<>(List.of(brief.get(i).name(), brief.get(i).value()));
            if (half + i < brief.size()) {
                row.addAll(
                        List.of(brief.get(half + i).name(), brief.get(half + i).value()));
            }
            table.row(row);
        }
        TextTable below = TextTable.of(2, TextTable.Side.LEFT);
        rows.stream().filter(it -> it.value().length() > SHORT).forEach(it -> below.row(it.name(), it.value()));
        return (table.text() + "\n" + below.text()).strip();
    }

    private static void collect(String prefix, String bare, JsonObject fields, List<Field> rows) {
        for (Map.Entry<String, JsonElement> field : fields.entrySet()) {
            String name = prefix + field.getKey();
            if (field.getValue() instanceof JsonObject inner && !inner.has(RecordTree.KIND)) {
                collect(field.getKey().equals(bare) ? prefix : name + ".", bare, inner, rows);
            } else if (!field.getValue().isJsonNull()) {
                rows.add(new Field(name, shown(field.getValue())));
            }
        }
    }

    private static String shown(JsonElement value) {
        if (value instanceof JsonObject choice) {
            String fields = choice.entrySet().stream()
                    .filter(it -> !it.getKey().equals(RecordTree.KIND)
                            && !it.getValue().isJsonNull())
                    .map(it -> it.getKey() + " " + shown(it.getValue()))
                    .collect(Collectors.joining(", ", " (", ")"));
            return choice.has(RecordTree.KIND) ? shown(choice.get(RecordTree.KIND)) + fields : fields.strip();
        }
        if (value instanceof JsonArray array) {
            return list(array.asList().stream().map(Fields::shown).toList());
        }
        if (value instanceof JsonPrimitive primitive && primitive.isBoolean()) {
            return primitive.getAsBoolean() ? "yes" : "no";
        }
        return value instanceof JsonPrimitive primitive && primitive.isNumber()
                ? number(primitive.getAsDouble())
                : value.getAsString();
    }

    private static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        if (Math.abs(value) < SMALL) {
            return String.format(Locale.ROOT, "%.3e", value).replaceFirst("\\.?0+e", "e");
        }
        return new BigDecimal(value).round(DIGITS).stripTrailingZeros().toPlainString();
    }

    /** A list with one entry for each layer is mostly the same entry again and again. */
    private static String list(List<String> entries) {
        if (entries.isEmpty()) {
            return "none";
        }
        if (entries.size() > 1 && entries.stream().distinct().count() == 1) {
            return "%s, %d times".formatted(entries.get(0), entries.size());
        }
        String first = String.join(", ", entries.subList(0, Math.min(LONGEST_LIST, entries.size())));
        return entries.size() <= LONGEST_LIST ? first : "%s, … %d in all".formatted(first, entries.size());
    }
}
