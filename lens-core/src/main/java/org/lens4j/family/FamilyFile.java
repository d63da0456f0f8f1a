package org.lens4j.family;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.Closest;
import org.lens4j.tensor.Rearrange;

/**
 * An architecture described in a JSON file: how a config.json becomes TransformerLens's config, and one row for each
 * parameter. So a model of your own loads without a line of Java.
 *
 * <pre>{@code
 * { "family": "MyGPT",
 *   "config": { "n_layers": "$n_layer", "d_model": "$n_embd", "d_head": "$n_embd / $n_head", ... },
 *   "prefixes": ["transformer."],
 *   "rows": [ ["embed.W_E", "wte.weight", "v m -> v m"],
 *             { "ours": "blocks.{l}.attn.W_Q", "theirs": "h.{l}.qkv.weight", "layout": "(h qkv d) m -> qkv h m d", "part": 0 },
 *             { "ours": "unembed.b_U", "axes": "o", "value": 0 } ] }
 * }</pre>
 *
 * <p>The members: {@code family} (a name), {@code config} (TransformerLens's field names, each a value or a formula over
 * {@code $key}s of config.json), {@code prefixes}, {@code tied}, {@code ignored_tensors} (regular expressions),
 * {@code ignored_keys}, {@code rows}. A row may also have {@code from} ({@code [axis, formula over h g d m f v]}),
 * {@code times}, {@code plus} and {@code outside_prefix}.
 */
public final class FamilyFile implements Family {
    private static final Set<String> MEMBERS =
            Set.of("family", "about", "config", "prefixes", "tied", "ignored_tensors", "ignored_keys", "rows");
    private static final Set<String> ROW_MEMBERS = Set.of(
            "ours", "theirs", "layout", "part", "from", "times", "plus", "outside_prefix", "axes", "value", "about");

    private final String place;
    private final ConfigJson description;
    private final JsonArray rows;

    private FamilyFile(String place, ConfigJson description, JsonArray rows) {
        this.place = place;
        this.description = description;
        this.rows = rows;
    }

    /**
     * Reads a description.
     *
     * @throws CheckpointException if the file is no such description
     */
    public static FamilyFile read(Path file) {
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new CheckpointException("%s could not be read: %s. Check the path.".formatted(file, e), e);
        }
    }

    /**
     * Reads a description from text.
     *
     * @param place what to call it in messages
     */
    public static FamilyFile parse(String place, String text) {
        ConfigJson description = ConfigJson.parse(place, text);
        refuseUnknown(place, "a family file", description.keys(), MEMBERS);
        JsonArray rows = description
                .optional("rows")
                .filter(JsonElement::isJsonArray)
                .map(JsonElement::getAsJsonArray)
                .orElseThrow(() -> new CheckpointException(
                        "%s has no list \"rows\". Give one row for each parameter.".formatted(place)));
        return new FamilyFile(place, description, rows);
    }

    private static void refuseUnknown(String place, String what, Set<String> found, Set<String> known) {
        for (String key : new TreeSet<>(found)) {
            if (!known.contains(key)) {
                throw new CheckpointException("%s has \"%s\", which %s does not have. Closest: %s."
                        .formatted(place, key, what, String.join(", ", Closest.to(key, known, 3))));
            }
        }
    }

    /** None: a family of this kind is asked for, not found by a config.json. */
    @Override
    public Set<String> architectures() {
        return Set.of();
    }

    @Override
    public Blueprint read(ConfigJson json) {
        ConfigJson resolved = ConfigJson.parse(
                "%s by %s".formatted(json.place(), place), resolved(json).toString());
        ModelConfig config = new Native().shape(resolved).withFamily(description.text("family", "custom"));
        resolved.refuseUnreadKeys(config.family(), new Native().ignoredKeys());
        List<Row> read = new ArrayList<>();
        for (JsonElement row : rows) {
            read.add(row(row, config));
        }
        requireAll(config, read);
        requireSound(config, read);
        List<String> prefixes = texts("prefixes");
        return new Blueprint(
                config,
                read,
                new Blueprint.Tensors(
                        prefixes.isEmpty() ? List.of("") : prefixes,
                        description.truth("tied", false),
                        texts("ignored_tensors")));
    }

    /** TransformerLens's config: the file's, with formulas over config.json worked out. */
    private JsonObject resolved(ConfigJson json) {
        JsonObject fields = description
                .object("config")
                .orElseThrow(() -> new CheckpointException(
                        "%s has no \"config\". Say how config.json gives n_layers, d_model and the others."
                                .formatted(place)));
        JsonObject resolved = new JsonObject();
        for (Map.Entry<String, JsonElement> field : fields.entrySet()) {
            resolved.add(field.getKey(), resolved(json, field.getKey(), field.getValue()));
        }
        return resolved;
    }

    private JsonElement resolved(ConfigJson json, String field, JsonElement value) {
        boolean formula = value.isJsonPrimitive()
                && value.getAsJsonPrimitive().isString()
                && value.getAsString().contains("$");
        if (!formula) {
            return value;
        }
        String text = value.getAsString().strip();
        if (text.matches("\\$\\w+")) {
            return json.optional(text.substring(1)).orElseThrow(() -> missing(json, field, text.substring(1)));
        }
        double number = Formula.value(text, name -> {
            if (!name.startsWith("$")) {
                throw new IllegalArgumentException(
                        "\"%s\" in %s: names of config.json's keys begin with $.".formatted(name, field));
            }
            String key = name.substring(1);
            return json.optional(key).map(it -> json.number(key, 0)).orElseThrow(() -> missing(json, field, key));
        });
        return number == Math.rint(number) ? new JsonPrimitive((long) number) : new JsonPrimitive(number);
    }

    private CheckpointException missing(ConfigJson json, String field, String key) {
        return new CheckpointException("%s takes %s from \"%s\", and %s has no such key. Closest of its keys: %s."
                .formatted(place, field, key, json.place(), String.join(", ", Closest.to(key, json.keys(), 3))));
    }

    private Row row(JsonElement element, ModelConfig config) {
        if (element.isJsonArray() && element.getAsJsonArray().size() == 3) {
            JsonArray row = element.getAsJsonArray();
            return stored(
                    row.get(0).getAsString(),
                    row.get(1).getAsString(),
                    row.get(2).getAsString());
        }
        if (!element.isJsonObject()) {
            throw new CheckpointException(
                    "%s has the row %s. A row is [ours, theirs, layout] or an object with these members."
                            .formatted(place, element));
        }
        ConfigJson row = description.inside("row " + element, element.getAsJsonObject());
        refuseUnknown(row.place(), "a row", row.keys(), ROW_MEMBERS);
        String ours = row.text("ours", "");
        if (row.has("value")) {
            return new Row.Constant(ours, row.text("axes", ""), (float) row.number("value", 0));
        }
        Row.Stored stored = stored(ours, row.text("theirs", ""), row.text("layout", ""))
                .times(row.number("times", 1))
                .plus(row.number("plus", 0));
        stored = row.truth("outside_prefix", false) ? stored.outsidePrefix() : stored;
        Optional<JsonElement> from = row.optional("from");
        if (from.isPresent()) {
            return from(stored, from.get(), config);
        }
        if (!row.has("part")) {
            return stored;
        }
        if (row.integer("part") < 0) {
            throw row.wrong("part", row.integer("part"), "a number from 0 on");
        }
        return stored.part(row.integer("part"));
    }

    private Row.Stored stored(String ours, String theirs, String layout) {
        try {
            Rearrange.of(layout);
            return Row.of(ours, theirs, layout);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException("%s, row %s: %s".formatted(place, ours, e.getMessage()), e);
        }
    }

    private Row from(Row.Stored row, JsonElement from, ModelConfig config) {
        boolean pair = from.isJsonArray()
                && from.getAsJsonArray().size() == 2
                && from.getAsJsonArray().asList().stream().allMatch(JsonElement::isJsonPrimitive)
                && from.getAsJsonArray().get(0).getAsString().matches("\\d");
        if (!pair) {
            throw new CheckpointException(
                    "%s, row %s: \"from\" is [axis, first index], not %s.".formatted(place, row.ours(), from));
        }
        Map<String, Long> sizes = Row.sizes(config);
        double first =
                Formula.value(from.getAsJsonArray().get(1).getAsString(), name -> Optional.ofNullable(sizes.get(name))
                        .orElseThrow(() -> new IllegalArgumentException("%s has no axis \"%s\". Axes: %s."
                                .formatted(row.ours(), name, new TreeSet<>(sizes.keySet())))));
        return row.from(from.getAsJsonArray().get(0).getAsInt(), (long) first);
    }

    /** Every parameter of the forward pass must have a row, and every row must be one. */
    private void requireAll(ModelConfig config, List<Row> read) {
        Set<String> wanted = new LinkedHashSet<>();
        NativeRows.of(config, false).forEach(row -> wanted.add(row.ours()));
        Set<String> given = new LinkedHashSet<>();
        for (Row row : read) {
            if (!wanted.contains(row.ours())) {
                throw new CheckpointException("%s has a row for \"%s\", which this model does not have. Closest: %s."
                        .formatted(place, row.ours(), String.join(", ", Closest.to(row.ours(), wanted, 3))));
            }
            if (!given.add(row.ours())) {
                throw new CheckpointException(
                        "%s has two rows for \"%s\". Leave one out.".formatted(place, row.ours()));
            }
        }
        wanted.removeAll(given);
        if (!wanted.isEmpty()) {
            throw new CheckpointException(
                    "%s lacks rows for %s. Name their tensors, or give {\"ours\": …, \"axes\": …, \"value\": 0}."
                            .formatted(place, String.join(", ", wanted)));
        }
    }

    /** What would only be found out in the middle of a load. */
    private void requireSound(ModelConfig config, List<Row> read) {
        try {
            read.forEach(row -> row.shape(config));
            texts("ignored_tensors").forEach(Pattern::compile);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException("%s: %s Correct it.".formatted(place, e.getMessage()), e);
        }
    }

    private List<String> texts(String key) {
        return description
                .optional(key)
                .map(it -> ConfigFields.texts(description, key, it))
                .orElse(List.of());
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.copyOf(texts("ignored_keys"));
    }
}
