package org.lens4j.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.lens4j.cache.CachePlan;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.kernel.display.Bytes;
import org.lens4j.load.LoadReport;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedTransformer;
import org.lens4j.viz.TextTable;

/**
 * What {@code lens info} says of a model.
 *
 * @param loaded the model and how it was loaded
 * @param tokens how long a text sizes are for
 */
record ModelInfo(Pretrained loaded, int tokens) {
    private static final List<String> ALL = List.of("*");
    private static final int LONGEST_LIST = 4;

    private HookedTransformer model() {
        return loaded.model();
    }

    /** All hook points, those that are off too. */
    private CachePlan everything() {
        return CachePlan.of(model().hooks(), ALL, EnumSet.allOf(Gate.class), 1, tokens);
    }

    /** Those that fire by themselves. */
    private CachePlan usual() {
        return CachePlan.of(model().hooks(), ALL, Set.of(), 1, tokens);
    }

    private long weightBytes() {
        return model().parameters().count() * Float.BYTES;
    }

    private long logitBytes() {
        return (long) model().config().dVocab() * Float.BYTES;
    }

    /** The form for machines. */
    JsonObject json() {
        JsonObject info = new JsonObject();
        info.addProperty("name", model().name());
        info.add("config", RecordTree.of(model().config()));
        info.addProperty("parameters", model().parameters().count());
        JsonObject memory = new JsonObject();
        memory.addProperty("weight_bytes", weightBytes());
        memory.addProperty("tokens", tokens);
        memory.addProperty("cache_bytes", usual().bytes());
        memory.addProperty("cache_bytes_per_token", usual().bytesPerToken());
        memory.addProperty("logit_bytes_per_token", logitBytes());
        info.add("memory", memory);
        JsonArray hooks = new JsonArray();
        everything().activations().forEach(it -> hooks.add(hook(it)));
        info.add("hooks", hooks);
        info.add("report", RecordTree.of(loaded.report()));
        return info;
    }

    private static JsonObject hook(CachePlan.Planned planned) {
        JsonObject hook = new JsonObject();
        HookPoint point = planned.name().point();
        hook.addProperty("name", planned.name().full());
        hook.add("axes", RecordTree.of(point.axes().names()));
        hook.add(
                "shape",
                RecordTree.of(LongStream.of(planned.shape().getShape()).boxed().toList()));
        hook.addProperty("bytes", planned.bytes());
        hook.add(
                "switch",
                point.gate()
                        .<JsonElement>map(it -> new JsonPrimitive(it.name().toLowerCase(Locale.ROOT)))
                        .orElse(JsonNull.INSTANCE));
        return hook;
    }

    /** The form for people: one screen for a small model. */
    String text() {
        return String.join("\n\n", List.of(model().name(), indented(config()), hooks(), memory(), report()));
    }

    private String config() {
        List<List<String>> rows = new ArrayList<>();
        rows("", RecordTree.of(model().config()).getAsJsonObject(), rows);
        rows.add(List.of("parameters", "%,d".formatted(model().parameters().count())));
        return beside(rows);
    }

    /** Names and values, the second half of them beside the first. */
    private static String beside(List<List<String>> rows) {
        TextTable table = TextTable.of(4, TextTable.Side.LEFT);
        int half = (rows.size() + 1) / 2;
        for (int i = 0; i < half; i++) {
            List<String> row = new ArrayList<>(rows.get(i));
            row.addAll(half + i < rows.size() ? rows.get(half + i) : List.of());
            table.row(row);
        }
        return table.text();
    }

    private static void rows(String prefix, JsonObject fields, List<List<String>> rows) {
        for (Map.Entry<String, JsonElement> field : fields.entrySet()) {
            String name = prefix + field.getKey();
            if (field.getValue() instanceof JsonObject inner && !inner.has("kind")) {
                rows(name + ".", inner, rows);
            } else if (!field.getValue().isJsonNull()) {
                rows.add(List.of(name, shown(field.getValue())));
            }
        }
    }

    private static String shown(JsonElement value) {
        if (value instanceof JsonObject choice) {
            return choice.entrySet().stream()
                    .map(it -> it.getKey().equals("kind")
                            ? shown(it.getValue())
                            : it.getKey() + " " + shown(it.getValue()))
                    .collect(Collectors.joining(", "))
                    .replaceFirst(", ", " with ");
        }
        if (value instanceof JsonArray array) {
            return list(array.asList().stream().map(ModelInfo::shown).toList());
        }
        return value.isJsonPrimitive() ? value.getAsString() : "";
    }

    /** A list with one entry for each layer is mostly the same entry, or two that take turns. */
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

    private String hooks() {
        CachePlan everything = everything();
        TextTable table = new TextTable(
                List.of(TextTable.Side.LEFT, TextTable.Side.LEFT, TextTable.Side.RIGHT, TextTable.Side.LEFT));
        for (CachePlan.Planned planned : everything.activations()) {
            HookName name = planned.name();
            if (name.layer() <= 0) {
                table.row(
                        name.full(),
                        name.point().axes().describe(planned.shape()),
                        Bytes.readable(planned.bytes()),
                        name.point().gate().map(ModelInfo::off).orElse(""));
            }
        }
        return "%d hook points, sizes for %d tokens; those of block 0 stand for those of all %d blocks%n%s"
                .formatted(
                        everything.activations().size(),
                        tokens,
                        model().config().nLayers(),
                        indented(table.text()));
    }

    private static String off(Gate gate) {
        return GateWords.word(gate).map(it -> "off without " + it).orElse("off");
    }

    private String memory() {
        TextTable table = TextTable.of(2, TextTable.Side.LEFT);
        table.row("weights", Bytes.readable(weightBytes()));
        table.row(
                "full cache",
                "%s for %d tokens, %s for each"
                        .formatted(Bytes.readable(usual().bytes()), tokens, Bytes.readable(usual().bytesPerToken())));
        table.row("logits", "%s for each token".formatted(Bytes.readable(logitBytes())));
        return "memory\n" + indented(table.text());
    }

    private String report() {
        LoadReport report = loaded.report();
        return "loading\n" + indented(report.summary());
    }

    private static String indented(String text) {
        return text.lines().map(it -> "  " + it).collect(Collectors.joining("\n"));
    }
}
