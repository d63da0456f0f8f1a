package org.lens4j.viz;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A {@link Sheet} whose panels share their axes, as JSON for the {@link Script}, which shows one map large and the others small.
 * A number is written as a whole number of its last shown digit, and NaN as nothing: about three characters each.
 */
final class SheetData {
    /** Its HTML-safe form: neither {@code <} nor {@code &} as such. */
    private static final Gson JSON = new Gson();

    private final Sheet sheet;
    private final int digits;

    private SheetData(Sheet sheet) {
        this.sheet = sheet;
        this.digits = Numerals.decimals(
                sheet.legend().scale().sizeFor(sheet.panels().stream().map(Panel::grid)));
    }

    /** All the script needs. */
    static String json(Sheet sheet) {
        return JSON.toJson(new SheetData(sheet).whole());
    }

    private JsonObject whole() {
        ColorScale scale = sheet.legend().scale();
        Panel first = sheet.panels().get(0);
        JsonObject json = new JsonObject();
        json.addProperty("caption", sheet.heading().html());
        json.addProperty("title", sheet.heading().title());
        json.add(
                "colors",
                strings(scale.palette().stops().stream().map(Palette::hex).toList()));
        json.addProperty("min", scale.min());
        json.addProperty("max", scale.max());
        json.addProperty("digits", digits);
        json.add("rows", strings(first.rows().labels()));
        json.add("columns", strings(first.columns().labels()));
        json.addProperty("causal", sheet.panels().stream().allMatch(Panel::causal));
        json.addProperty("between", first.cells().between());
        json.add("axes", strings(List.of(HeadNames.word(first.rows()), HeadNames.word(first.columns()))));
        JsonArray panels = new JsonArray();
        sheet.panels().forEach(panel -> panels.add(panel(panel)));
        json.add("panels", panels);
        return json;
    }

    private JsonObject panel(Panel panel) {
        JsonObject json = new JsonObject();
        json.addProperty("name", panel.title());
        double unit = Math.pow(10, digits);
        List<String> values = new ArrayList<>();
        for (float value : panel.grid().values()) {
            values.add(Float.isNaN(value) ? "" : Long.toString(Math.round(value * unit)));
        }
        json.addProperty("values", String.join(",", values));
        words(json, "texts", panel, panel.cells()::text);
        words(json, "more", panel, panel.cells()::more);
        return json;
    }

    /** What a cell's row and column give. */
    private interface Words {
        String of(int row, int column);
    }

    private static void words(JsonObject json, String name, Panel panel, Words words) {
        List<String> all = new ArrayList<>();
        for (int row = 0; row < panel.rows().size(); row++) {
            for (int column = 0; column < panel.columns().size(); column++) {
                all.add(panel.empty(row, column) ? "" : words.of(row, column));
            }
        }
        if (all.stream().anyMatch(it -> !it.isEmpty())) {
            json.add(name, strings(all));
        }
    }

    private static JsonArray strings(Collection<String> texts) {
        JsonArray array = new JsonArray();
        texts.forEach(array::add);
        return array;
    }
}
