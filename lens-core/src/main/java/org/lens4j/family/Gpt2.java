package org.lens4j.family;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.lens4j.config.AttentionSpan;
import org.lens4j.config.ModelConfig;

/**
 * GPT-2 (Radford et al., 2019), DistilGPT-2, Stanford's GPT-2: learned positions, LayerNorm before each part, tied
 * embeddings. Linear layers are stored as {@code [in out]}; q, k and v are fused in {@code c_attn}.
 */
final class Gpt2 implements Family {
    @Override
    public Set<String> architectures() {
        return Set.of("GPT2LMHeadModel");
    }

    @Override
    public ModelConfig config(ConfigJson json) {
        int dModel = json.integer("n_embd");
        int nHeads = json.integer("n_head");
        int nLayers = json.integer("n_layer");
        int nCtx = json.integer("n_positions", json.integer("n_ctx", 1024));
        return new ModelConfig(
                "GPT2LMHeadModel",
                nLayers,
                dModel,
                nHeads,
                ConfigFields.headSize(json, dModel, nHeads),
                json.integer("n_inner", 4 * dModel),
                json.integer("vocab_size"),
                nCtx,
                ConfigFields.activation(json, "activation_function", "gelu_new"),
                (float) json.number("layer_norm_epsilon", 1e-5),
                new ModelConfig.Attention(
                        json.truth("scale_attn_weights", true),
                        json.truth("scale_attn_by_inverse_layer_idx", false),
                        Collections.nCopies(nLayers, new AttentionSpan.Global())),
                json.integer("bos_token_id", -1));
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of(
                "attn_pdrop",
                "embd_pdrop",
                "resid_pdrop",
                "summary_activation",
                "summary_first_dropout",
                "summary_proj_to_labels",
                "summary_type",
                "summary_use_proj",
                "reorder_and_upcast_attn",
                "n_ctx");
    }

    @Override
    public List<Row> rows() {
        String block = "h.{l}.";
        return List.of(
                Row.of("embed.W_E", "wte.weight", "v m -> v m"),
                Row.of("pos_embed.W_pos", "wpe.weight", "p m -> p m"),
                Row.of("blocks.{l}.ln1.w", block + "ln_1.weight", "m -> m"),
                Row.of("blocks.{l}.ln1.b", block + "ln_1.bias", "m -> m"),
                Row.part("blocks.{l}.attn.W_Q", block + "attn.c_attn.weight", "m (qkv h d) -> qkv h m d", 0),
                Row.part("blocks.{l}.attn.W_K", block + "attn.c_attn.weight", "m (qkv h d) -> qkv h m d", 1),
                Row.part("blocks.{l}.attn.W_V", block + "attn.c_attn.weight", "m (qkv h d) -> qkv h m d", 2),
                Row.part("blocks.{l}.attn.b_Q", block + "attn.c_attn.bias", "(qkv h d) -> qkv h d", 0),
                Row.part("blocks.{l}.attn.b_K", block + "attn.c_attn.bias", "(qkv h d) -> qkv h d", 1),
                Row.part("blocks.{l}.attn.b_V", block + "attn.c_attn.bias", "(qkv h d) -> qkv h d", 2),
                Row.of("blocks.{l}.attn.W_O", block + "attn.c_proj.weight", "(h d) m -> h d m"),
                Row.of("blocks.{l}.attn.b_O", block + "attn.c_proj.bias", "m -> m"),
                Row.of("blocks.{l}.ln2.w", block + "ln_2.weight", "m -> m"),
                Row.of("blocks.{l}.ln2.b", block + "ln_2.bias", "m -> m"),
                Row.of("blocks.{l}.mlp.W_in", block + "mlp.c_fc.weight", "m f -> m f"),
                Row.of("blocks.{l}.mlp.b_in", block + "mlp.c_fc.bias", "f -> f"),
                Row.of("blocks.{l}.mlp.W_out", block + "mlp.c_proj.weight", "f m -> f m"),
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
        return List.of("h\\.\\d+\\.attn\\.(masked_)?bias");
    }
}
