package org.lens4j.family;

import java.util.Set;
import org.lens4j.config.Attention;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;

/**
 * Llama 1, 2 and 3.x (Touvron et al., 2023; Llama team, 2024), Code Llama, Yi and others of that shape. TransformerLens
 * ignores {@code rope_theta}, {@code head_dim} and {@code rope_scaling} of models it has no name for; here they are read, as in
 * Hugging Face.
 */
final class Llama implements Family {
    private static final String NAME = "LlamaForCausalLM";

    @Override
    public Set<String> architectures() {
        return Set.of(NAME);
    }

    @Override
    public Blueprint read(ConfigJson json) {
        Sizes sizes = LlamaLike.sizes(json, 2048);
        Attention heads = LlamaLike.attention(json, sizes);
        boolean bias = json.truth("attention_bias", false);
        ConfigFields.mustBe(json, "mlp_bias", false);
        PositionEmbedding positions = LlamaLike.rotary(json, heads, json.number("partial_rotary_factor", 1));
        ModelConfig config = ModelConfig.of(
                        NAME, sizes, positions, LlamaLike.rms(json, 1e-6), heads, LlamaLike.gated(json))
                .withBos(json.integer("bos_token_id", 1));
        return new Blueprint(
                config,
                LlamaLike.rows(heads, bias, bias),
                new Blueprint.Tensors(LlamaLike.PREFIXES, json.tied(false), LlamaLike.IGNORED));
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of("pretraining_tp");
    }
}
