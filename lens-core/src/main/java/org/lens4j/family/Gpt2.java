package org.lens4j.family;

import java.util.List;
import java.util.Set;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;

/**
 * GPT-2 (Radford et al., 2019), DistilGPT-2, Stanford's GPT-2: learned positions, LayerNorm before each part, tied
 * embeddings. Linear layers are stored as {@code [in out]}; q, k and v are fused in {@code c_attn}.
 */
final class Gpt2 implements Family {
    private static final String NAME = "GPT2LMHeadModel";

    @Override
    public Set<String> architectures() {
        return Set.of(NAME);
    }

    @Override
    public Blueprint read(ConfigJson json) {
        int dModel = json.integer("n_embd");
        int nHeads = json.integer("n_head");
        int nLayers = json.integer("n_layer");
        int nCtx = json.integer("n_positions", json.integer("n_ctx", 1024));
        Attention heads = Attention.of(nLayers, nHeads, ConfigFields.headSize(json, dModel, nHeads))
                .withScaledByLayer(json.truth("scale_attn_by_inverse_layer_idx", false));
        ModelConfig config = ModelConfig.of(
                        NAME,
                        new Sizes(nLayers, dModel, json.integer("vocab_size"), nCtx),
                        new PositionEmbedding.Learned(),
                        Norms.layerNorm((float) json.number("layer_norm_epsilon", 1e-5)),
                        json.truth("scale_attn_weights", true) ? heads : heads.withScale(1),
                        new Mlp.Plain(
                                json.integer("n_inner", 4 * dModel),
                                ConfigFields.activation(json, "activation_function", "gelu_new")))
                .withBos(json.integer("bos_token_id", -1));
        return new Blueprint(
                config,
                rows(),
                new Blueprint.Tensors(
                        List.of("transformer.", ""), json.tied(true), List.of("h\\.\\d+\\.attn\\.(masked_)?bias")));
    }

    private static List<Row> rows() {
        String block = "h.{l}.";
        Rows rows = new Rows().tokens("wte.weight").positions("wpe.weight").layerNorm("blocks.{l}.ln1", block + "ln_1");
        String[] names = {"Q", "K", "V"};
        for (int part = 0; part < names.length; part++) {
            rows.add(
                    Row.of("blocks.{l}.attn.W_" + names[part], block + "attn.c_attn.weight", "m (qkv h d) -> qkv h m d")
                            .part(part));
            rows.add(Row.of("blocks.{l}.attn.b_" + names[part], block + "attn.c_attn.bias", "(qkv h d) -> qkv h d")
                    .part(part));
        }
        return rows.add(Row.of("blocks.{l}.attn.W_O", block + "attn.c_proj.weight", "(h d) m -> h d m"))
                .add(Row.of("blocks.{l}.attn.b_O", block + "attn.c_proj.bias", "m -> m"))
                .layerNorm("blocks.{l}.ln2", block + "ln_2")
                .add(Row.of("blocks.{l}.mlp.W_in", block + "mlp.c_fc.weight", "m f -> m f"))
                .add(Row.of("blocks.{l}.mlp.b_in", block + "mlp.c_fc.bias", "f -> f"))
                .add(Row.of("blocks.{l}.mlp.W_out", block + "mlp.c_proj.weight", "f m -> f m"))
                .add(Row.of("blocks.{l}.mlp.b_out", block + "mlp.c_proj.bias", "m -> m"))
                .layerNorm("ln_final", "ln_f")
                .unembed("lm_head.weight")
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
                "reorder_and_upcast_attn",
                "n_ctx");
    }
}
