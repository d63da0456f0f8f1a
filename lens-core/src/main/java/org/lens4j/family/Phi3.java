package org.lens4j.family;

import java.util.List;
import java.util.Set;
import org.lens4j.config.Attention;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Sizes;

/**
 * Phi-3 and Phi-4 (Abdin et al., 2024): Llama with q, k and v in one layer, and gate and input of the MLP in one. Longrope
 * scaling is not implemented and refused.
 */
final class Phi3 implements Family {
    private static final String NAME = "Phi3ForCausalLM";

    @Override
    public Set<String> architectures() {
        return Set.of(NAME);
    }

    @Override
    public Blueprint read(ConfigJson json) {
        Sizes sizes = LlamaLike.sizes(json, 4096);
        Attention heads =
                LlamaLike.attention(json, sizes).withSpans(LlamaLike.spans(json, sizes.nLayers(), layer -> true));
        ConfigFields.mustBe(json, "attention_bias", false);
        ModelConfig config = ModelConfig.of(
                        NAME,
                        sizes,
                        LlamaLike.rotary(json, heads, json.number("partial_rotary_factor", 1)),
                        LlamaLike.rms(json, 1e-5),
                        heads,
                        LlamaLike.gated(json))
                .withBos(json.integer("bos_token_id", 1));
        return new Blueprint(
                config, rows(heads), new Blueprint.Tensors(LlamaLike.PREFIXES, json.tied(false), LlamaLike.IGNORED));
    }

    private static List<Row> rows(Attention heads) {
        String block = "layers.{l}.";
        String qkv = block + "self_attn.qkv_proj.weight";
        String gateUp = block + "mlp.gate_up_proj.weight";
        String ours = "blocks.{l}.attn.";
        String shared = heads.grouped() ? "_" : "";
        long queries = (long) heads.nHeads() * heads.dHead();
        long keys = (long) heads.nKvHeads() * heads.dHead();
        return new Rows()
                .tokens("embed_tokens.weight")
                .rmsNorm("blocks.{l}.ln1", block + "input_layernorm")
                .add(Row.of(ours + "W_Q", qkv, "(h d) m -> h m d").from(0, 0))
                .add(Row.of(ours + shared + "W_K", qkv, "(g d) m -> g m d").from(0, queries))
                .add(Row.of(ours + shared + "W_V", qkv, "(g d) m -> g m d").from(0, queries + keys))
                .add(Row.zero(ours + "b_Q", "h d"))
                .add(Row.zero(ours + shared + "b_K", "g d"))
                .add(Row.zero(ours + shared + "b_V", "g d"))
                .attentionOut(block + "self_attn.o_proj", false)
                .rmsNorm("blocks.{l}.ln2", block + "post_attention_layernorm")
                .add(Row.of("blocks.{l}.mlp.W_gate", gateUp, "(two f) m -> two m f")
                        .part(0))
                .add(Row.of("blocks.{l}.mlp.W_in", gateUp, "(two f) m -> two m f")
                        .part(1))
                .gatedOut(block + "mlp.down_proj")
                .rmsNorm("ln_final", "norm")
                .unembed("lm_head.weight")
                .list();
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of("original_max_position_embeddings");
    }
}
