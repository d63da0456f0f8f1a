package org.lens4j.family;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.lens4j.config.Activation;
import org.lens4j.config.AttentionSpan;
import org.lens4j.config.RopeScaling;
import org.lens4j.error.CheckpointException;

/** Fields that several families read in the same way. */
final class ConfigFields {
    private static final String ROPE_SCALING = "rope_scaling";

    private ConfigFields() {}

    /** The width of one head where config.json gives only the model's width and the number of heads. */
    static int headSize(ConfigJson json, int dModel, int nHeads) {
        if (nHeads < 1 || dModel % nHeads != 0) {
            throw new CheckpointException(
                    "%s has a model width of %d and %d heads, and a head's width must be whole. Correct it."
                            .formatted(json.place(), dModel, nHeads));
        }
        return dModel / nHeads;
    }

    /** {@code head_dim}, or the model's width divided by the heads. */
    static int headDim(ConfigJson json, int dModel, int nHeads) {
        int given = json.integer("head_dim", 0);
        return given > 0 ? given : headSize(json, dModel, nHeads);
    }

    /** The activation function config.json names. */
    static Activation activation(ConfigJson json, String key, String otherwise) {
        String name = json.text(key, otherwise);
        return Activation.named(name).orElseThrow(() -> json.wrong(key, name, "one of " + Activation.names()));
    }

    /** Refuses a switch that this library does not implement. */
    static void mustBe(ConfigJson json, String key, boolean wanted) {
        if (json.truth(key, wanted) != wanted) {
            throw json.wrong(key, !wanted, String.valueOf(wanted));
        }
    }

    /** {@code rope_theta}, also where newer files keep it in {@code rope_parameters}. */
    static double ropeTheta(ConfigJson json, double otherwise) {
        return json.object("rope_parameters")
                .map(it -> json.inside("rope_parameters", it).number("rope_theta", otherwise))
                .orElseGet(() -> json.number("rope_theta", otherwise));
    }

    /** What {@code rope_scaling}, or {@code rope_parameters} in newer files, says. */
    static RopeScaling ropeScaling(ConfigJson json) {
        Optional<JsonObject> old = json.object(ROPE_SCALING);
        String key = old.isPresent() ? ROPE_SCALING : "rope_parameters";
        return old.or(() -> json.object(key))
                .map(it -> ropeScaling(json, key, it))
                .orElseGet(RopeScaling.None::new);
    }

    static RopeScaling ropeScaling(ConfigJson json, String key, JsonObject object) {
        ConfigJson inside = json.inside(key, object);
        inside.number("rope_theta", 0);
        String type = inside.text("rope_type", inside.text("type", "default"));
        RopeScaling scaling =
                switch (type) {
                    case "default" -> new RopeScaling.None();
                    case "linear" -> new RopeScaling.Linear(inside.number("factor", 1));
                    case "llama3" ->
                        new RopeScaling.ByParts(
                                inside.number("factor", 8),
                                inside.number("low_freq_factor", 1),
                                inside.number("high_freq_factor", 4),
                                inside.integer("original_max_position_embeddings", 8192));
                    default -> throw json.wrong(key, object, "a rope_type of default, linear or llama3");
                };
        inside.refuseUnreadKeys("rope scaling " + type, Set.of());
        return scaling;
    }

    /**
     * How far back each layer looks, by {@code layer_types} where it is given.
     *
     * @param window keys a layer that slides sees
     * @param slides whether a layer slides where there are no {@code layer_types}
     */
    static List<AttentionSpan> spans(ConfigJson json, int nLayers, int window, IntPredicate slides) {
        Optional<List<String>> types = json.optional("layer_types").map(it -> texts(json, "layer_types", it));
        types.filter(it -> it.size() != nLayers).ifPresent(it -> {
            throw json.wrong("layer_types", it, "one type for each of " + nLayers + " layers");
        });
        return IntStream.range(0, nLayers)
                .mapToObj(layer -> types.map(it -> slides(json, it.get(layer))).orElseGet(() -> slides.test(layer))
                        ? (AttentionSpan) new AttentionSpan.Local(window)
                        : new AttentionSpan.Global())
                .toList();
    }

    private static boolean slides(ConfigJson json, String type) {
        return switch (type) {
            case "sliding_attention" -> true;
            case "full_attention" -> false;
            default -> throw json.wrong("layer_types", type, "sliding_attention or full_attention");
        };
    }

    /** The texts of a list. */
    static List<String> texts(ConfigJson json, String key, JsonElement list) {
        if (!list.isJsonArray() || !list.getAsJsonArray().asList().stream().allMatch(JsonElement::isJsonPrimitive)) {
            throw json.wrong(key, list, "a list of texts");
        }
        return list.getAsJsonArray().asList().stream()
                .map(JsonElement::getAsString)
                .toList();
    }
}
