package org.lens4j.family;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.lens4j.config.AttentionSpan;
import org.lens4j.config.ModelConfig;

/**
 * GPT-Neo (Black et al., 2021) and TinyStories: as GPT-2, but scores are not scaled, q, k and v have no bias, linear layers
 * are stored as {@code [out in]}, and every other layer may look back only a window.
 */
final class GptNeo implements Family {
    private static final String LAYERS = "attention_layers";
    private static final String TYPES = "attention_types";

    @Override
    public Set<String> architectures() {
        return Set.of("GPTNeoForCausalLM");
    }

    @Override
    public ModelConfig config(ConfigJson json) {
        int dModel = json.integer("hidden_size");
        int nHeads = json.integer("num_heads");
        int nLayers = json.integer("num_layers");
        return new ModelConfig(
                "GPTNeoForCausalLM",
                nLayers,
                dModel,
                nHeads,
                ConfigFields.headSize(json, dModel, nHeads),
                json.integer("intermediate_size", 4 * dModel),
                json.integer("vocab_size"),
                json.integer("max_position_embeddings"),
                ConfigFields.activation(json, "activation_function", "gelu_new"),
                (float) json.number("layer_norm_epsilon", 1e-5),
                new ModelConfig.Attention(false, false, spans(json, nLayers)),
                json.integer("bos_token_id", -1));
    }

    /** One span for each layer, from {@code attention_layers} or, where that is absent, the run lengths of {@code attention_types}. */
    private static List<AttentionSpan> spans(ConfigJson json, int nLayers) {
        int window = json.integer("window_size", 256);
        List<String> names = new ArrayList<>();
        json.optional(TYPES).ifPresent(types -> names.addAll(expanded(json, types)));
        json.optional(LAYERS).ifPresent(layers -> {
            names.clear();
            names.addAll(texts(json, LAYERS, layers));
        });
        if (names.size() != nLayers) {
            throw json.wrong(LAYERS, names, "one of global and local for each of " + nLayers + " layers");
        }
        return names.stream()
                .<AttentionSpan>map(name -> switch (name) {
                    case "global" -> new AttentionSpan.Global();
                    case "local" -> new AttentionSpan.Local(window);
                    default -> throw json.wrong(LAYERS, name, "global or local");
                })
                .toList();
    }

    private static List<String> expanded(ConfigJson json, JsonElement types) {
        List<String> names = new ArrayList<>();
        try {
            for (JsonElement run : types.getAsJsonArray()) {
                JsonArray pair = run.getAsJsonArray();
                int times = pair.get(1).getAsInt();
                if (times < 0 || times > 10_000) {
                    throw json.wrong(TYPES, types, "a small number of repetitions");
                }
                for (int i = 0; i < times; i++) {
                    names.addAll(texts(json, TYPES, pair.get(0)));
                }
            }
        } catch (IllegalStateException
                | NumberFormatException
                | IndexOutOfBoundsException
                | UnsupportedOperationException e) {
            throw json.wrong(TYPES, types, "pairs of a list and a count");
        }
        return names;
    }

    private static List<String> texts(ConfigJson json, String key, JsonElement list) {
        if (!list.isJsonArray() || !list.getAsJsonArray().asList().stream().allMatch(JsonElement::isJsonPrimitive)) {
            throw json.wrong(key, list, "a list of texts");
        }
        return list.getAsJsonArray().asList().stream()
                .map(JsonElement::getAsString)
                .toList();
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of(
                "attention_dropout",
                "classifier_dropout",
                "embed_dropout",
                "resid_dropout",
                "summary_activation",
                "summary_first_dropout",
                "summary_proj_to_labels",
                "summary_type",
                "summary_use_proj");
    }

    @Override
    public List<Row> rows() {
        String attention = "h.{l}.attn.attention.";
        String block = "h.{l}.";
        return List.of(
                Row.of("embed.W_E", "wte.weight", "v m -> v m"),
                Row.of("pos_embed.W_pos", "wpe.weight", "p m -> p m"),
                Row.of("blocks.{l}.ln1.w", block + "ln_1.weight", "m -> m"),
                Row.of("blocks.{l}.ln1.b", block + "ln_1.bias", "m -> m"),
                Row.of("blocks.{l}.attn.W_Q", attention + "q_proj.weight", "(h d) m -> h m d"),
                Row.of("blocks.{l}.attn.W_K", attention + "k_proj.weight", "(h d) m -> h m d"),
                Row.of("blocks.{l}.attn.W_V", attention + "v_proj.weight", "(h d) m -> h m d"),
                Row.zero("blocks.{l}.attn.b_Q", "h d"),
                Row.zero("blocks.{l}.attn.b_K", "h d"),
                Row.zero("blocks.{l}.attn.b_V", "h d"),
                Row.of("blocks.{l}.attn.W_O", attention + "out_proj.weight", "m (h d) -> h d m"),
                Row.of("blocks.{l}.attn.b_O", attention + "out_proj.bias", "m -> m"),
                Row.of("blocks.{l}.ln2.w", block + "ln_2.weight", "m -> m"),
                Row.of("blocks.{l}.ln2.b", block + "ln_2.bias", "m -> m"),
                Row.of("blocks.{l}.mlp.W_in", block + "mlp.c_fc.weight", "f m -> m f"),
                Row.of("blocks.{l}.mlp.b_in", block + "mlp.c_fc.bias", "f -> f"),
                Row.of("blocks.{l}.mlp.W_out", block + "mlp.c_proj.weight", "m f -> f m"),
                Row.of("blocks.{l}.mlp.b_out", block + "mlp.c_proj.bias", "m -> m"),
                Row.of("ln_final.w", "ln_f.weight", "m -> m"),
                Row.of("ln_final.b", "ln_f.bias", "m -> m"),
                Row.of("unembed.W_U", Family.UNEMBED, "v m -> m v"),
                Row.zero("unembed.b_U", "v"));
    }

    @Override
    public String tokenEmbedding() {
        return "wte.weight";
    }

    @Override
    public boolean tiedByDefault() {
        return true;
    }

    @Override
    public List<String> prefixes() {
        return List.of("transformer.", "");
    }

    @Override
    public List<String> ignoredTensors() {
        return List.of("h\\.\\d+\\.attn\\.attention\\.(masked_)?bias");
    }
}
