package org.lens4j.family;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.RopeScaling;
import org.lens4j.config.Sizes;

/**
 * Gemma 3 (Gemma team, 2025), the text model, alone or out of a file that also sees: as Gemma 2 without squeezing, with a norm
 * on each head's queries and keys, five local layers to each global one, and an angle base for each kind. Scores are scaled by
 * {@code query_pre_attn_scalar} and global angles by {@code rope_scaling}, as in Hugging Face; TransformerLens does neither.
 */
final class Gemma3 implements Family {
    private static final String TEXT = "Gemma3ForCausalLM";
    private static final String SEEING = "Gemma3ForConditionalGeneration";

    @Override
    public Set<String> architectures() {
        return Set.of(TEXT, SEEING);
    }

    @Override
    public Blueprint read(ConfigJson outer) {
        Optional<JsonObject> nested = outer.object("text_config");
        ConfigJson json = nested.map(it -> outer.inside("text_config", it)).orElse(outer);
        int dModel = json.integer("hidden_size", 2304);
        Sizes sizes = new Sizes(
                json.integer("num_hidden_layers", 26),
                dModel,
                json.integer("vocab_size", 262_208),
                json.integer("max_position_embeddings", 131_072));
        int nHeads = json.integer("num_attention_heads", 8);
        int period = json.integer("sliding_window_pattern", json.integer("_sliding_window_pattern", 6));
        if (period < 1) {
            throw json.wrong("sliding_window_pattern", period, "a number of at least 1");
        }
        int window = json.integer("sliding_window", 4096);
        Attention heads = Attention.of(sizes.nLayers(), nHeads, json.integer("head_dim", 256))
                .withKvHeads(json.integer("num_key_value_heads", 4))
                .withScale(Math.sqrt(json.number("query_pre_attn_scalar", 256)))
                .withSoftcap(json.number("attn_logit_softcapping", 0))
                .withSpans(ConfigFields.spans(json, sizes.nLayers(), window, layer -> (layer + 1) % period != 0))
                .withQkNorm();
        json.text("hidden_act", "");
        Mlp mlp = new Mlp.Gated(
                json.integer("intermediate_size", 9216),
                ConfigFields.activation(json, "hidden_activation", "gelu_pytorch_tanh"));
        Norms norms = LlamaLike.rms(json, 1e-6).withAfterParts();
        ConfigFields.mustBe(json, "use_bidirectional_attention", false);
        ModelConfig config = ModelConfig.of(
                        nested.isPresent() ? SEEING : TEXT, sizes, rotary(json, heads), norms, heads, mlp)
                .withLogitSoftcap((float) json.number("final_logit_softcapping", 0))
                .withBos(json.integer("bos_token_id", outer.integer("bos_token_id", 2)));
        boolean bias = json.truth("attention_bias", false);
        boolean tied = outer.tied(true) && json.tied(true);
        nested.ifPresent(it -> json.refuseUnreadKeys(SEEING, ignoredKeys()));
        return new Blueprint(
                config, GemmaLike.rows(heads, dModel, bias, true), new Blueprint.Tensors(prefixes(), tied, ignored()));
    }

    private static PositionEmbedding.Rotary rotary(ConfigJson json, Attention heads) {
        Optional<JsonObject> kinds =
                json.object("rope_parameters").filter(it -> it.has("full_attention") || it.has("sliding_attention"));
        if (kinds.isEmpty()) {
            return new PositionEmbedding.Rotary(heads.dHead(), json.number("rope_theta", 1e6))
                    .withScaling(ConfigFields.ropeScaling(json))
                    .withLocalBase(json.number("rope_local_base_freq", 1e4));
        }
        ConfigJson both = json.inside("rope_parameters", kinds.get());
        JsonObject full = both.object("full_attention").orElseGet(JsonObject::new);
        JsonObject local = both.object("sliding_attention").orElseGet(JsonObject::new);
        RopeScaling scaling = ConfigFields.ropeScaling(json, "rope_parameters", full);
        if (!(ConfigFields.ropeScaling(json, "rope_parameters", local) instanceof RopeScaling.None)) {
            throw json.wrong("rope_parameters", local, "unscaled local layers");
        }
        return new PositionEmbedding.Rotary(
                        heads.dHead(), both.inside("full_attention", full).number("rope_theta", 1e6))
                .withScaling(scaling)
                .withLocalBase(both.inside("sliding_attention", local).number("rope_theta", 1e4));
    }

    private static List<String> prefixes() {
        List<String> prefixes = new ArrayList<>(LlamaLike.PREFIXES);
        prefixes.add("model.language_model.");
        return prefixes;
    }

    /** The part that sees, and its way into the text. */
    private static List<String> ignored() {
        List<String> patterns = new ArrayList<>(LlamaLike.IGNORED);
        patterns.add("(model\\.)?(vision_tower|multi_modal_projector)\\..*");
        return patterns;
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of(
                "cache_implementation",
                "vision_config",
                "mm_tokens_per_image",
                "boi_token_index",
                "eoi_token_index",
                "image_token_index");
    }
}
