package org.lens4j.family;

import java.util.List;
import java.util.Set;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Sizes;

/**
 * Mixtral (Jiang et al., 2024): Mistral with several MLPs, of which each token uses the few a router picks. Experts keep
 * TransformerLens's names and PyTorch's layout, {@code blocks.{l}.mlp.experts.{e}.W_in.weight [d_mlp d_model]}.
 */
final class Mixtral implements Family {
    private static final String NAME = "MixtralForCausalLM";

    @Override
    public Set<String> architectures() {
        return Set.of(NAME);
    }

    @Override
    public Blueprint read(ConfigJson json) {
        Sizes sizes = LlamaLike.sizes(json, 4096 * 32);
        Attention heads =
                LlamaLike.attention(json, sizes).withSpans(LlamaLike.spans(json, sizes.nLayers(), layer -> true));
        Mlp experts = new Mlp.Experts(
                json.integer("intermediate_size"),
                ConfigFields.activation(json, "hidden_act", "silu"),
                json.integer("num_local_experts", 8),
                json.integer("num_experts_per_tok", 2));
        ModelConfig config = ModelConfig.of(
                        NAME, sizes, LlamaLike.rotary(json, heads, 1), LlamaLike.rms(json, 1e-5), heads, experts)
                .withBos(json.integer("bos_token_id", 1));
        return new Blueprint(
                config, rows(heads), new Blueprint.Tensors(LlamaLike.PREFIXES, json.tied(false), LlamaLike.IGNORED));
    }

    private static List<Row> rows(Attention heads) {
        String block = "layers.{l}.";
        String expert = block + "block_sparse_moe.experts.{e}.";
        String ours = "blocks.{l}.mlp.experts.{e}.";
        Rows rows = new Rows().tokens("embed_tokens.weight").rmsNorm("blocks.{l}.ln1", block + "input_layernorm");
        return LlamaLike.heads(rows, heads, false)
                .attentionOut(block + "self_attn.o_proj", false)
                .rmsNorm("blocks.{l}.ln2", block + "post_attention_layernorm")
                .add(Row.of("blocks.{l}.mlp.W_gate.weight", block + "block_sparse_moe.gate.weight", "e m -> e m"))
                .add(Row.of(ours + "W_gate.weight", expert + "w1.weight", "f m -> f m"))
                .add(Row.of(ours + "W_in.weight", expert + "w3.weight", "f m -> f m"))
                .add(Row.of(ours + "W_out.weight", expert + "w2.weight", "m f -> m f"))
                .rmsNorm("ln_final", "norm")
                .unembed("lm_head.weight")
                .list();
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of("output_router_logits", "router_aux_loss_coef", "router_jitter_noise");
    }
}
