package org.lens4j.family;

import java.util.Set;
import org.lens4j.config.Attention;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Sizes;

/** Mistral 7B and Nemo (Jiang et al., 2023): Llama where every layer may look back only a window. */
final class Mistral implements Family {
    private static final String NAME = "MistralForCausalLM";

    @Override
    public Set<String> architectures() {
        return Set.of(NAME);
    }

    @Override
    public Blueprint read(ConfigJson json) {
        Sizes sizes = LlamaLike.sizes(json, 4096 * 32);
        Attention heads =
                LlamaLike.attention(json, sizes).withSpans(LlamaLike.spans(json, sizes.nLayers(), layer -> true));
        ModelConfig config = ModelConfig.of(
                        NAME,
                        sizes,
                        LlamaLike.rotary(json, heads, 1),
                        LlamaLike.rms(json, 1e-6),
                        heads,
                        LlamaLike.gated(json))
                .withBos(json.integer("bos_token_id", 1));
        return new Blueprint(
                config,
                LlamaLike.rows(heads, false, false),
                new Blueprint.Tensors(LlamaLike.PREFIXES, json.tied(false), LlamaLike.IGNORED));
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of();
    }
}
