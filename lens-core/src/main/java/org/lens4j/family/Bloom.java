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
 * Bloom (BigScience, 2022): scores fall with distance instead of positions being embedded, and the token embedding is
 * normalised. Texts are fed without a token in front, as in TransformerLens. Numbers of heads that are no power of two get
 * Hugging Face's slopes; TransformerLens's are for powers of two.
 */
final class Bloom implements Family {
    private static final String NAME = "BloomForCausalLM";

    @Override
    public Set<String> architectures() {
        return Set.of(NAME);
    }

    @Override
    public Blueprint read(ConfigJson json) {
        int dModel = json.integer(List.of("hidden_size", "n_embed"));
        int nHeads = json.integer(List.of("n_head", "num_attention_heads"));
        int nLayers = json.integer(List.of("n_layer", "num_hidden_layers"));
        ModelConfig config = ModelConfig.of(
                NAME,
                new Sizes(nLayers, dModel, json.integer("vocab_size"), json.integer("seq_length", 2048)),
                new PositionEmbedding.Alibi(),
                Norms.layerNorm((float) json.number("layer_norm_epsilon", 1e-5)).withAfterEmbedding(),
                Attention.of(nLayers, nHeads, ConfigFields.headSize(json, dModel, nHeads)),
                new Mlp.Plain(
                        json.integer("n_inner", 4 * dModel), ConfigFields.activation(json, "hidden_act", "gelu_fast")));
        ConfigFields.mustBe(json, "apply_residual_connection_post_layernorm", false);
        return new Blueprint(
                config, rows(), new Blueprint.Tensors(List.of("transformer.", ""), json.tied(true), List.of()));
    }

    private static List<Row> rows() {
        String block = "h.{l}.";
        return new Rows()
                .tokens("word_embeddings.weight")
                .layerNorm("embed.ln", "word_embeddings_layernorm")
                .layerNorm("blocks.{l}.ln1", block + "input_layernorm")
                .fusedHeads(block + "self_attention.query_key_value", "h qkv d")
                .attentionOut(block + "self_attention.dense", true)
                .layerNorm("blocks.{l}.ln2", block + "post_attention_layernorm")
                .plainMlp(block + "mlp.dense_h_to_4h", block + "mlp.dense_4h_to_h")
                .layerNorm("ln_final", "ln_f")
                .unembed("lm_head.weight")
                .list();
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of(
                "attention_softmax_in_fp32",
                "bias_dropout_fusion",
                "masked_softmax_fusion",
                "offset_alibi",
                "pretraining_tp",
                "skip_bias_add",
                "skip_bias_add_qkv",
                "slow_but_exact");
    }
}
