package org.lens4j.family;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.lens4j.config.Attention;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Sizes;

/**
 * Qwen 1.5, 2, 2.5 and QwQ (biases on q, k and v) and Qwen 3 (a norm on each head's queries and keys instead). Texts are fed
 * without a token in front, as in TransformerLens.
 */
final class Qwen implements Family {
    private static final String TWO = "Qwen2ForCausalLM";
    private static final String THREE = "Qwen3ForCausalLM";

    @Override
    public Set<String> architectures() {
        return Set.of(TWO, THREE);
    }

    @Override
    public Blueprint read(ConfigJson json) {
        boolean third = json.architectures().contains(THREE);
        Sizes sizes = LlamaLike.sizes(json, 32768);
        boolean slides = json.truth("use_sliding_window", false);
        int firstSliding = json.integer("max_window_layers", 28);
        Attention plain = LlamaLike.attention(json, sizes)
                .withSpans(LlamaLike.spans(json, sizes.nLayers(), layer -> slides && layer >= firstSliding));
        Attention heads = third ? plain.withQkNorm() : plain;
        ModelConfig config = ModelConfig.of(
                third ? THREE : TWO,
                sizes,
                LlamaLike.rotary(json, heads, 1),
                LlamaLike.rms(json, 1e-6),
                heads,
                LlamaLike.gated(json));
        boolean bias = third && json.truth("attention_bias", false);
        List<Row> rows = new ArrayList<>(LlamaLike.rows(heads, !third || bias, bias));
        if (third) {
            rows.add(Row.of("blocks.{l}.attn.q_norm.w", "layers.{l}.self_attn.q_norm.weight", "d -> d"));
            rows.add(Row.of("blocks.{l}.attn.k_norm.w", "layers.{l}.self_attn.k_norm.weight", "d -> d"));
        }
        return new Blueprint(
                config, rows, new Blueprint.Tensors(LlamaLike.PREFIXES, json.tied(false), LlamaLike.IGNORED));
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of();
    }
}
