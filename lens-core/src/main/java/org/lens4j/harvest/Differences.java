package org.lens4j.harvest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Says in words in what two harvests differ: {@code batch: 3 there, 4 asked for}. */
final class Differences {
    private static final Map<String, String> WORDS = Map.of(
            "hooks", "hook points",
            "corpus.bytes", "bytes of the corpus",
            "corpus.edges_sha256", "text of the corpus (a hash)",
            "corpus.field", "field of the corpus",
            "model.commit", "commit of the model",
            "model.config_sha256", "shape of the model (a hash)",
            "model.weights", "weights of the model",
            "model.rewrites", "rewrites of the weights");

    private Differences() {}

    /**
     * A phrase for each.
     *
     * @param there what {@link Certificate} wrote once
     * @param asked what it would write now
     */
    static List<String> between(JsonObject there, JsonObject asked) {
        Map<String, JsonElement> was = leaves(there);
        Map<String, JsonElement> is = leaves(asked);
        Map<String, JsonElement> all = new TreeMap<>(was);
        all.putAll(is);
        List<String> phrases = new ArrayList<>();
        for (String path : all.keySet()) {
            if (!(was.containsKey(path) && is.containsKey(path) && was.get(path).equals(is.get(path)))) {
                phrases.add("%s: %s there, %s asked for".formatted(name(path), words(was, path), words(is, path)));
            }
        }
        return phrases;
    }

    private static String name(String path) {
        String last = path.substring(path.lastIndexOf('.') + 1).replace('_', ' ');
        return WORDS.getOrDefault(path, last);
    }

    private static Map<String, JsonElement> leaves(JsonObject json) {
        Map<String, JsonElement> leaves = new TreeMap<>();
        collect("", json, leaves);
        return leaves;
    }

    private static void collect(String path, JsonElement element, Map<String, JsonElement> leaves) {
        if (element.isJsonObject()) {
            element.getAsJsonObject()
                    .asMap()
                    .forEach((name, value) -> collect(path.isEmpty() ? name : path + "." + name, value, leaves));
        } else {
            leaves.put(path, element);
        }
    }

    private static String words(Map<String, JsonElement> leaves, String path) {
        return leaves.containsKey(path) ? words(leaves.get(path)) : "none";
    }

    private static String words(JsonElement value) {
        if (value.isJsonObject()) {
            JsonObject object = value.getAsJsonObject();
            return object.has("name")
                    ? object.get("name").getAsString()
                    : joined(object.asMap().values(), " ");
        }
        if (value.isJsonArray()) {
            return value.getAsJsonArray().isEmpty()
                    ? "none"
                    : joined(value.getAsJsonArray().asList(), ", ");
        }
        String text = value.getAsString();
        return text.matches("[0-9a-f]{40,}") ? text.substring(0, 8) + "…" : text;
    }

    private static String joined(Collection<JsonElement> values, String between) {
        return values.stream().map(Differences::words).collect(Collectors.joining(between));
    }
}
