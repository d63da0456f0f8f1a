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
 * GPT-NeoX (Black et al., 2022), Pythia, StableLM-alpha: rotation of the first part of each head, q, k and v fused head by
 * head, attention and MLP side by side with a norm each. TransformerLens reads {@code use_parallel_residual=false} as true
 * and any rotary base as 10000; here both are as config.json says, as in Hugging Face.
 */
final class GptNeoX implements Family {
    private static final String NAME = "GPTNeoXForCausalLM";

    @Override
    public Set<String> architectures() {
        return Set.of(NAME);
    }

    @Override
    public Blueprint read(ConfigJson json) {
        int dModel = json.integer("hidden_size");
        int nHeads = json.integer("num_attention_heads");
        int nLayers = json.integer("num_hidden_layers");
        int dHead = ConfigFields.headSize(json, dModel, nHeads);
        double rotated = json.number("partial_rotary_factor", json.number("rotary_pct", 0.25));
        double base = ConfigFields.ropeTheta(json, json.number("rotary_emb_base", 10000));
        ModelConfig config = ModelConfig.of(
                        NAME,
                        new Sizes(
                                nLayers,
                                dModel,
                                json.integer("vocab_size"),
                                json.integer("max_position_embeddings", 2048)),
                        new PositionEmbedding.Rotary((int) (dHead * rotated), base)
                                .withScaling(ConfigFields.ropeScaling(json)),
                        Norms.layerNorm((float) json.number("layer_norm_eps", 1e-5)),
                        Attention.of(nLayers, nHeads, dHead),
                        new Mlp.Plain(
                                json.integer("intermediate_size", 4 * dModel),
                                ConfigFields.activation(json, "hidden_act", "gelu")))
                .withParallel(json.truth("use_parallel_residual", true))
                .withBos(json.integer("bos_token_id", -1));
        ConfigFields.mustBe(json, "attention_bias", true);
        return new Blueprint(
                config,
                rows(),
                new Blueprint.Tensors(
                        List.of("gpt_neox."),
                        json.tied(false),
                        List.of("layers\\.\\d+\\.attention\\.((masked_)?bias|rotary_emb\\.inv_freq)")));
    }

    private static List<Row> rows() {
        String block = "layers.{l}.";
        return new Rows()
                .tokens("embed_in.weight")
                .layerNorm("blocks.{l}.ln1", block + "input_layernorm")
                .fusedHeads(block + "attention.query_key_value", "h qkv d")
                .attentionOut(block + "attention.dense", true)
                .layerNorm("blocks.{l}.ln2", block + "post_attention_layernorm")
                .plainMlp(block + "mlp.dense_h_to_4h", block + "mlp.dense_4h_to_h")
                .layerNorm("ln_final", "final_layer_norm")
                .unembed("embed_out.weight")
                .list();
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of();
    }
}
