package org.lens4j.family;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;

/**
 * GPT-J (Wang and Komatsuzaki, 2021): rotation of neighbouring dimensions, attention and MLP side by side behind one norm,
 * and a bias on the logits. As in TransformerLens the one norm appears as both {@code ln1} and {@code ln2}.
 */
final class GptJ implements Family {
    private static final String NAME = "GPTJForCausalLM";

    @Override
    public Set<String> architectures() {
        return Set.of(NAME);
    }

    @Override
    public Blueprint read(ConfigJson json) {
        int dModel = json.integer("n_embd");
        int nHeads = json.integer("n_head");
        int nLayers = json.integer("n_layer");
        int dHead = ConfigFields.headSize(json, dModel, nHeads);
        ModelConfig config = ModelConfig.of(
                        NAME,
                        new Sizes(nLayers, dModel, json.integer("vocab_size"), json.integer("n_positions", 2048)),
                        new PositionEmbedding.Rotary(json.integer("rotary_dim", dHead), 10000).withAdjacentPairs(),
                        Norms.layerNorm((float) json.number("layer_norm_epsilon", 1e-5)),
                        Attention.of(nLayers, nHeads, dHead),
                        new Mlp.Plain(
                                json.integer("n_inner", 4 * dModel),
                                ConfigFields.activation(json, "activation_function", "gelu_new")))
                .withParallel(true)
                .withBos(json.integer("bos_token_id", -1));
        ConfigFields.mustBe(json, "rotary", true);
        ConfigFields.mustBe(json, "scale_attn_weights", true);
        return new Blueprint(
                config,
                rows(config.attention()),
                new Blueprint.Tensors(
                        List.of("transformer."),
                        json.tied(false),
                        List.of("h\\.\\d+\\.attn\\.((masked_)?bias|embed_positions)")));
    }

    private static List<Row> rows(Attention heads) {
        String block = "h.{l}.";
        String attention = block + "attn.";
        return new Rows()
                .tokens("wte.weight")
                .layerNorm("blocks.{l}.ln1", block + "ln_1")
                .separateHeads(heads, attention + "q_proj", attention + "k_proj", attention + "v_proj", false)
                .attentionOut(attention + "out_proj", false)
                .layerNorm("blocks.{l}.ln2", block + "ln_1")
                .plainMlp(block + "mlp.fc_in", block + "mlp.fc_out")
                .layerNorm("ln_final", "ln_f")
                .unembed("lm_head.weight", Optional.of("lm_head.bias"))
                .list();
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of(
                "summary_activation",
                "summary_first_dropout",
                "summary_proj_to_labels",
                "summary_type",
                "summary_use_proj",
                "n_ctx");
    }
}
