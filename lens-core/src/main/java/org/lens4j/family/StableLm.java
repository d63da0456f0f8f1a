package org.lens4j.family;

import java.util.List;
import java.util.Set;
import org.lens4j.config.Attention;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;

/**
 * StableLM 2 and 3B (Bellagente et al., 2024): Llama with LayerNorm and rotation of a quarter of each head. Models with a norm
 * on queries and keys (12B) are refused. TransformerLens 2 does not have this family.
 */
final class StableLm implements Family {
    private static final String NAME = "StableLmForCausalLM";

    @Override
    public Set<String> architectures() {
        return Set.of(NAME);
    }

    @Override
    public Blueprint read(ConfigJson json) {
        Sizes sizes = LlamaLike.sizes(json, 4096);
        Attention heads = LlamaLike.attention(json, sizes);
        ConfigFields.mustBe(json, "qk_layernorm", false);
        boolean parallel = json.truth("use_parallel_residual", false);
        PositionEmbedding rotary = LlamaLike.rotary(json, heads, json.number("partial_rotary_factor", 0.25));
        Norms norms = Norms.layerNorm((float) json.number("layer_norm_eps", 1e-5));
        ModelConfig config = ModelConfig.of(NAME, sizes, rotary, norms, heads, LlamaLike.gated(json))
                .withParallel(parallel)
                .withBos(json.integer("bos_token_id", -1));
        return new Blueprint(
                config,
                rows(heads, json.truth("use_qkv_bias", false), parallel),
                new Blueprint.Tensors(LlamaLike.PREFIXES, json.tied(false), LlamaLike.IGNORED));
    }

    private static List<Row> rows(Attention heads, boolean bias, boolean parallel) {
        String block = "layers.{l}.";
        Rows rows = new Rows().tokens("embed_tokens.weight").layerNorm("blocks.{l}.ln1", block + "input_layernorm");
        return LlamaLike.heads(rows, heads, bias)
                .attentionOut(block + "self_attn.o_proj", false)
                .layerNorm("blocks.{l}.ln2", block + (parallel ? "input_layernorm" : "post_attention_layernorm"))
                .gatedMlp(block + "mlp.gate_proj", block + "mlp.up_proj", block + "mlp.down_proj")
                .layerNorm("ln_final", "norm")
                .unembed("lm_head.weight")
                .list();
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of("rotary_scaling_factor");
    }
}
