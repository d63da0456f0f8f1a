package org.lens4j.family;

import java.util.Set;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Sizes;

/** Gemma 1 (Gemma team, 2024): Llama with gains around 1, a scaled embedding and tied weights. */
final class Gemma implements Family {
    private static final String NAME = "GemmaForCausalLM";

    @Override
    public Set<String> architectures() {
        return Set.of(NAME);
    }

    @Override
    public Blueprint read(ConfigJson json) {
        Sizes sizes = LlamaLike.sizes(json, 8192);
        Attention heads = LlamaLike.attention(json, sizes);
        // Hugging Face computes the tanh form even where an old file says "gelu", unless hidden_activation is given.
        json.text("hidden_act", "");
        Mlp mlp = new Mlp.Gated(
                json.integer("intermediate_size"),
                ConfigFields.activation(json, "hidden_activation", "gelu_pytorch_tanh"));
        ModelConfig config = ModelConfig.of(
                        NAME, sizes, LlamaLike.rotary(json, heads, 1), LlamaLike.rms(json, 1e-6), heads, mlp)
                .withBos(json.integer("bos_token_id", 2));
        boolean bias = json.truth("attention_bias", false);
        return new Blueprint(
                config,
                GemmaLike.rows(heads, sizes.dModel(), bias, false),
                new Blueprint.Tensors(LlamaLike.PREFIXES, json.tied(true), LlamaLike.IGNORED));
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of();
    }
}
