package org.lens4j.family;

import java.util.Set;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.Sizes;

/**
 * Gemma 2 (Gemma team, 2024): norms before and after each part, squeezed scores and logits, every other layer with a window.
 * The first layer slides, as in Hugging Face; TransformerLens takes the second and every other one after it, which shows
 * beyond the window of 4096 tokens.
 */
final class Gemma2 implements Family {
    private static final String NAME = "Gemma2ForCausalLM";

    @Override
    public Set<String> architectures() {
        return Set.of(NAME);
    }

    @Override
    public Blueprint read(ConfigJson json) {
        Sizes sizes = LlamaLike.sizes(json, 8192);
        Attention heads = LlamaLike.attention(json, sizes)
                .withSpans(LlamaLike.spans(json, sizes.nLayers(), layer -> layer % 2 == 0))
                .withScale(Math.sqrt(json.number("query_pre_attn_scalar", 256)))
                .withSoftcap(json.number("attn_logit_softcapping", 0));
        json.text("hidden_act", "");
        Mlp mlp = new Mlp.Gated(
                json.integer("intermediate_size"),
                ConfigFields.activation(json, "hidden_activation", "gelu_pytorch_tanh"));
        Norms norms = LlamaLike.rms(json, 1e-6).withAfterParts();
        ModelConfig config = ModelConfig.of(NAME, sizes, LlamaLike.rotary(json, heads, 1), norms, heads, mlp)
                .withLogitSoftcap((float) json.number("final_logit_softcapping", 0))
                .withBos(json.integer("bos_token_id", 2));
        boolean bias = json.truth("attention_bias", false);
        return new Blueprint(
                config,
                GemmaLike.rows(heads, sizes.dModel(), bias, true),
                new Blueprint.Tensors(LlamaLike.PREFIXES, json.tied(true), LlamaLike.IGNORED));
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of("cache_implementation");
    }
}
