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
 * OPT (Zhang et al., 2022): as GPT-2 with ReLU. The table of positions has two rows in front that no token uses. Models whose
 * norms stand behind the parts, or whose embedding has another width than the residual stream (opt-350m), are refused.
 */
final class Opt implements Family {
    private static final String NAME = "OPTForCausalLM";
    private static final int UNUSED_POSITIONS = 2;

    @Override
    public Set<String> architectures() {
        return Set.of(NAME);
    }

    @Override
    public Blueprint read(ConfigJson json) {
        int dModel = json.integer("hidden_size");
        int nHeads = json.integer("num_attention_heads");
        int nLayers = json.integer("num_hidden_layers");
        ModelConfig config = ModelConfig.of(
                        NAME,
                        new Sizes(
                                nLayers,
                                dModel,
                                json.integer("vocab_size"),
                                json.integer("max_position_embeddings", 2048)),
                        new PositionEmbedding.Learned(),
                        Norms.layerNorm(1e-5f),
                        Attention.of(nLayers, nHeads, ConfigFields.headSize(json, dModel, nHeads)),
                        new Mlp.Plain(
                                json.integer("ffn_dim", 4 * dModel),
                                ConfigFields.activation(json, "activation_function", "relu")))
                .withBos(json.integer("bos_token_id", -1));
        ConfigFields.mustBe(json, "do_layer_norm_before", true);
        ConfigFields.mustBe(json, "enable_bias", true);
        ConfigFields.mustBe(json, "layer_norm_elementwise_affine", true);
        ConfigFields.mustBe(json, "_remove_final_layer_norm", false);
        if (json.integer("word_embed_proj_dim", dModel) != dModel) {
            throw json.wrong(
                    "word_embed_proj_dim", json.integer("word_embed_proj_dim"), "hidden_size, " + dModel + ",");
        }
        return new Blueprint(
                config,
                rows(config.attention()),
                new Blueprint.Tensors(List.of("model.decoder.", "decoder."), json.tied(true), List.of()));
    }

    private static List<Row> rows(Attention heads) {
        String block = "layers.{l}.";
        String attention = block + "self_attn.";
        return new Rows()
                .tokens("embed_tokens.weight")
                .add(Row.of("pos_embed.W_pos", "embed_positions.weight", "p m -> p m")
                        .from(0, UNUSED_POSITIONS))
                .layerNorm("blocks.{l}.ln1", block + "self_attn_layer_norm")
                .separateHeads(heads, attention + "q_proj", attention + "k_proj", attention + "v_proj", true)
                .attentionOut(attention + "out_proj", true)
                .layerNorm("blocks.{l}.ln2", block + "final_layer_norm")
                .plainMlp(block + "fc1", block + "fc2")
                .layerNorm("ln_final", "final_layer_norm")
                .unembed("lm_head.weight")
                .list();
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of("init_std");
    }
}
