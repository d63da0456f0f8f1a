package org.lens4j.family;

import java.util.List;
import java.util.Set;
import org.lens4j.config.Activation;
import org.lens4j.config.Attention;
import org.lens4j.config.AttentionSpan;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norm;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.RopeScaling;
import org.lens4j.config.Sizes;

/**
 * State dicts of TransformerLens itself, under our own names and in our own layouts: what {@code model.state_dict()} saves,
 * and the attention-only, SoLU and GELU models of Neel Nanda. The config is TransformerLens's own
 * ({@code HookedTransformerConfig}), or the shorter one those models come with, which holds the settings of their training
 * too; TransformerLens reads none of those, and neither is any looked at here.
 */
final class Native implements Family {
    private static final String NAME = "HookedTransformer";
    private static final String SHORT_FORM = "normalization";

    @Override
    public Set<String> architectures() {
        return Set.of(NAME);
    }

    @Override
    public boolean recognises(ConfigJson json) {
        return json.has("d_model") && json.has("n_layers");
    }

    @Override
    public Blueprint read(ConfigJson json) {
        if (json.has(SHORT_FORM)) {
            json.ignoreTheRest();
        }
        return of(shape(json), normalization(json).endsWith("Pre"));
    }

    private static String normalization(ConfigJson json) {
        return json.text("normalization_type", json.text(SHORT_FORM, "none"));
    }

    /** The shape that TransformerLens's config describes. */
    ModelConfig shape(ConfigJson json) {
        String norm = normalization(json);
        int dVocab = json.integer("d_vocab");
        int dVocabOut = json.integer("d_vocab_out", dVocab);
        Sizes sizes = new Sizes(
                json.integer("n_layers"),
                json.integer("d_model"),
                dVocab,
                dVocabOut < 0 ? dVocab : dVocabOut,
                json.integer("n_ctx"));
        Attention heads = attention(json, sizes);
        float cap = (float) json.number("output_logits_soft_cap", -1);
        ModelConfig config = ModelConfig.of(
                        NAME, sizes, positions(json, heads), norms(json, norm), heads, mlp(json, sizes))
                .withParallel(json.truth("parallel_attn_mlp", false))
                .withLogitSoftcap(Math.max(0, cap))
                .withBos(json.integer("bos_token_id", -1));
        ConfigFields.mustBe(json, "load_in_4bit", false);
        return config;
    }

    /**
     * A checkpoint of that shape under our own names.
     *
     * @param folded whether its norms have no parameters, as after {@code fold_ln}
     */
    static Blueprint of(ModelConfig config, boolean folded) {
        return new Blueprint(
                config,
                NativeRows.of(config, folded),
                new Blueprint.Tensors(
                        List.of(""),
                        false,
                        List.of("blocks\\.\\d+\\.attn\\.(mask|IGNORE|rotary_sin|rotary_cos|alibi)")));
    }

    private static Norms norms(ConfigJson json, String name) {
        float eps = (float) json.number("eps", 1e-5);
        Norms norms =
                switch (name) {
                    case "LN", "LNPre" -> Norms.layerNorm(eps);
                    case "RMS", "RMSPre" -> Norms.rms(eps);
                    case "none" -> new Norms(Norm.NONE, Norm.NONE, false, false, eps);
                    default -> throw json.wrong("normalization_type", name, "LN, LNPre, RMS, RMSPre or null");
                };
        boolean rmsAtTheEnd = json.truth("final_rms", false) && norms.blocks() != Norm.NONE;
        norms = rmsAtTheEnd ? norms.withLast(Norm.RMS) : norms;
        norms = json.truth("post_embedding_ln", false) ? norms.withAfterEmbedding() : norms;
        return json.truth("use_normalization_before_and_after", false) ? norms.withAfterParts() : norms;
    }

    private static Attention attention(ConfigJson json, Sizes sizes) {
        int dHead = json.integer("d_head");
        int given = json.integer("n_heads", -1);
        int nHeads = given > 0 ? given : ConfigFields.headSize(json, sizes.dModel(), dHead);
        double scale = json.number("attn_scale", -1);
        Attention heads = Attention.of(sizes.nLayers(), nHeads, dHead)
                .withKvHeads(json.integer("n_key_value_heads", nHeads))
                .withScaledByLayer(json.truth("scale_attn_by_inverse_layer_idx", false))
                .withSoftcap(Math.max(0, json.number("attn_scores_soft_cap", -1)));
        heads = scale > 0 ? heads.withScale(scale) : heads;
        heads = json.truth("use_attn_scale", true) ? heads : heads.withScale(1);
        heads = json.truth("use_qk_norm", false) ? heads.withQkNorm() : heads;
        heads = spans(json, heads, sizes.nLayers());
        String direction = json.text("attention_dir", "causal");
        return switch (direction) {
            case "causal" -> heads;
            case "bidirectional" -> heads.withBothDirections();
            default -> throw json.wrong("attention_dir", direction, "causal or bidirectional");
        };
    }

    private static Attention spans(ConfigJson json, Attention heads, int nLayers) {
        int window = json.integer("window_size", 0);
        List<String> types = json.optional("attn_types")
                .map(it -> ConfigFields.texts(json, "attn_types", it))
                .orElse(List.of());
        if (!json.truth("use_local_attn", false)) {
            return heads;
        }
        if (types.size() < nLayers) {
            throw json.wrong("attn_types", types, "global or local for each of " + nLayers + " layers");
        }
        return heads.withSpans(types.subList(0, nLayers).stream()
                .<AttentionSpan>map(type -> switch (type) {
                    case "global" -> new AttentionSpan.Global();
                    case "local" -> new AttentionSpan.Local(window);
                    default -> throw json.wrong("attn_types", type, "global or local");
                })
                .toList());
    }

    private static PositionEmbedding positions(ConfigJson json, Attention heads) {
        String type = json.text(
                "positional_embedding_type", json.truth("shortformer_pos", false) ? "shortformer" : "standard");
        return switch (type) {
            case "standard" -> new PositionEmbedding.Learned();
            case "shortformer" -> new PositionEmbedding.Shortformer();
            case "alibi" -> new PositionEmbedding.Alibi();
            case "rotary" -> rotary(json, heads);
            default -> throw json.wrong("positional_embedding_type", type, "standard, rotary, alibi or shortformer");
        };
    }

    private static PositionEmbedding.Rotary rotary(ConfigJson json, Attention heads) {
        PositionEmbedding.Rotary rotary = new PositionEmbedding.Rotary(
                json.integer("rotary_dim", heads.dHead()), json.number("rotary_base", 10000));
        double local = json.number("rotary_base_local", 0);
        double linear = json.number("rotary_scaling_factor", 1);
        rotary = linear == 1 ? rotary : rotary.withScaling(new RopeScaling.Linear(linear));
        rotary = local > 0 ? rotary.withLocalBase(local) : rotary;
        rotary = json.truth("rotary_adjacent_pairs", false) ? rotary.withAdjacentPairs() : rotary;
        return json.truth("use_NTK_by_parts_rope", false)
                ? rotary.withScaling(new RopeScaling.ByParts(
                        json.number("NTK_by_parts_factor", 8),
                        json.number("NTK_by_parts_low_freq_factor", 1),
                        json.number("NTK_by_parts_high_freq_factor", 4),
                        json.integer("NTK_original_ctx_len", 8192)))
                : rotary;
    }

    private static Mlp mlp(ConfigJson json, Sizes sizes) {
        int dMlp = json.integer("d_mlp", 4 * sizes.dModel());
        boolean gated = json.truth("gated_mlp", false);
        int experts = json.integer("num_experts", 0);
        if (json.truth("attn_only", false)) {
            json.optional("act_fn");
            return new Mlp.None();
        }
        Activation activation = ConfigFields.activation(json, "act_fn", "gelu");
        if (experts > 0) {
            return new Mlp.Experts(dMlp, activation, experts, json.integer("experts_per_token"));
        }
        return gated ? new Mlp.Gated(dMlp, activation) : new Mlp.Plain(dMlp, activation);
    }

    @Override
    public Set<String> ignoredKeys() {
        return Set.of(("checkpoint_index checkpoint_label_type checkpoint_value default_prepend_bos device "
                        + "experts_per_token from_checkpoint init_mode init_weights model_name n_devices n_params "
                        + "NTK_by_parts_factor NTK_by_parts_high_freq_factor NTK_by_parts_low_freq_factor "
                        + "NTK_original_ctx_len original_architecture rotary_adjacent_pairs rotary_base "
                        + "rotary_base_local rotary_dim seed tokenizer_name tokenizer_prepends_bos trust_remote_code "
                        + "ungroup_grouped_query_attention use_NTK_by_parts_rope "
                        + "rotary_scaling_factor use_attn_in use_attn_result use_hook_mlp_in "
                        + "use_hook_tokens use_split_qkv_input tie_word_embeddings relative_attention_max_distance "
                        + "relative_attention_num_buckets hf_tokenizer shortformer_pos final_rms")
                .split(" ", -1));
    }
}
