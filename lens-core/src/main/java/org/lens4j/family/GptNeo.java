package org.lens4j.family;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.lens4j.config.Attention;
import org.lens4j.config.AttentionSpan;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;

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
    public Blueprint read(ConfigJson json) {
        int dModel = json.integer("hidden_size");
        int nHeads = json.integer("num_heads");
        int nLayers = json.integer("num_layers");
        ModelConfig config = ModelConfig.of(
                        "GPTNeoForCausalLM",
                        new Sizes(nLayers, dModel, json.integer("vocab_size"), json.integer("max_position_embeddings")),
                        new PositionEmbedding.Learned(),
                        Norms.layerNorm((float) json.number("layer_norm_epsilon", 1e-5)),
                        Attention.of(nLayers, nHeads, ConfigFields.headSize(json, dModel, nHeads))
                                .withScale(1)
                                .withSpans(spans(json, nLayers)),
                        new Mlp.Plain(
                                json.integer("intermediate_size", 4 * dModel),
                                ConfigFields.activation(json, "activation_function", "gelu_new")))
                .withBos(json.integer("bos_token_id", -1));
        return new Blueprint(
                config,
                rows(config.attention()),
                new Blueprint.Tensors(
                        List.of("transformer.", ""),
                        json.tied(true),
                        List.of("h\\.\\d+\\.attn\\.attention\\.(masked_)?bias")));
    }

    private static List<Row> rows(Attention heads) {
        String attention = "h.{l}.attn.attention.";
        String block = "h.{l}.";
        return new Rows()
                .tokens("wte.weight")
                .positions("wpe.weight")
                .layerNorm("blocks.{l}.ln1", block + "ln_1")
                .separateHeads(heads, attention + "q_proj", attention + "k_proj", attention + "v_proj", false)
                .attentionOut(attention + "out_proj", true)
                .layerNorm("blocks.{l}.ln2", block + "ln_2")
                .plainMlp(block + "mlp.c_fc", block + "mlp.c_proj")
                .layerNorm("ln_final", "ln_f")
                .unembed("lm_head.weight")
                .list();
    }

    /** One span for each layer, from {@code attention_layers} or, where that is absent, the run lengths of {@code attention_types}. */
    private static List<AttentionSpan> spans(ConfigJson json, int nLayers) {
        int window = json.integer("window_size", 256);
        List<String> names = new ArrayList<>();
        json.optional(TYPES).ifPresent(types -> names.addAll(expanded(json, types)));
        json.optional(LAYERS).ifPresent(layers -> {
            names.clear();
            names.addAll(ConfigFields.texts(json, LAYERS, layers));
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
                    names.addAll(ConfigFields.texts(json, TYPES, pair.get(0)));
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

    @Override
    public Set<String> ignoredKeys() {
        return Set.of(
                "summary_activation",
                "summary_first_dropout",
                "summary_proj_to_labels",
                "summary_type",
                "summary_use_proj");
    }
}
