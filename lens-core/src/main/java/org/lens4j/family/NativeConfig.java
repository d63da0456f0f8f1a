package org.lens4j.family;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.lens4j.config.Attention;
import org.lens4j.config.AttentionSpan;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norm;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.RopeScaling;
import org.lens4j.config.Stacks;
import org.lens4j.error.CheckpointException;

/**
 * A model's shape as TransformerLens's own config.json ({@code HookedTransformerConfig}), so that any model can be saved under
 * our own names, processed or not, and loaded again, here or by TransformerLens.
 *
 * <pre>{@code
 * CheckpointWriter.of("config.json", NativeConfig.text(model.config())).write(directory, model.parameters());
 * }</pre>
 */
public final class NativeConfig {
    private final ModelConfig config;
    private final JsonObject json = new JsonObject();

    private NativeConfig(ModelConfig config) {
        this.config = config;
    }

    /**
     * The content of a config.json. Its family is {@code HookedTransformer}; all else is read again as it was.
     *
     * @throws CheckpointException if the format has no words for a model of that shape: windows of different sizes, other stacks than one decoder, or another
     *     last norm than a root mean square after layer norms
     */
    public static String text(ModelConfig config) {
        NativeConfig words = new NativeConfig(config);
        if (!(config.stacks() instanceof Stacks.Decoder)) {
            throw words.unwritable("other stacks than one decoder");
        }
        JsonObject json = words.json();
        return new GsonBuilder().setPrettyPrinting().serializeNulls().create().toJson(json) + "\n";
    }

    private JsonObject json() {
        json.addProperty("model_name", config.family());
        json.addProperty("n_layers", config.nLayers());
        json.addProperty("d_model", config.dModel());
        json.addProperty("n_ctx", config.nCtx());
        json.addProperty("d_vocab", config.dVocab());
        json.addProperty("d_vocab_out", config.dVocabOut());
        norms(config.norms());
        attention(config.attention());
        spans(config.attention());
        positions(config.positions());
        mlp(config.mlp());
        json.addProperty("parallel_attn_mlp", config.parallel());
        json.addProperty("output_logits_soft_cap", config.logitSoftcap() > 0 ? config.logitSoftcap() : -1f);
        if (config.bosTokenId() >= 0) {
            json.addProperty("bos_token_id", config.bosTokenId());
        }
        if (!config.eosTokenIds().isEmpty()) {
            JsonArray ends = new JsonArray();
            config.eosTokenIds().forEach(ends::add);
            json.add("eos_token_id", ends);
        }
        return json;
    }

    private void norms(Norms norms) {
        switch (norms.blocks()) {
            case LAYER -> json.addProperty("normalization_type", "LN");
            case RMS -> json.addProperty("normalization_type", "RMS");
            case NONE -> json.add("normalization_type", JsonNull.INSTANCE);
        }
        boolean rmsAtTheEnd = norms.blocks() == Norm.LAYER && norms.last() == Norm.RMS;
        if (!rmsAtTheEnd && norms.last() != norms.blocks()) {
            throw unwritable("a last norm of kind %s after norms of kind %s".formatted(norms.last(), norms.blocks()));
        }
        json.addProperty("final_rms", rmsAtTheEnd);
        json.addProperty("eps", norms.eps());
        json.addProperty("post_embedding_ln", norms.afterEmbedding());
        json.addProperty("use_normalization_before_and_after", norms.afterParts());
    }

    private void attention(Attention attention) {
        json.addProperty("n_heads", attention.nHeads());
        if (attention.grouped()) {
            json.addProperty("n_key_value_heads", attention.nKvHeads());
        }
        json.addProperty("d_head", attention.dHead());
        json.addProperty("use_attn_scale", true);
        json.addProperty("attn_scale", attention.scale());
        json.addProperty("scale_attn_by_inverse_layer_idx", attention.scaledByLayer());
        json.addProperty("attn_scores_soft_cap", attention.softcap() > 0 ? attention.softcap() : -1f);
        json.addProperty("use_qk_norm", attention.qkNorm());
        json.addProperty("attention_dir", attention.causal() ? "causal" : "bidirectional");
    }

    private void spans(Attention attention) {
        Set<Integer> windows = attention.spans().stream()
                .filter(AttentionSpan.Local.class::isInstance)
                .map(span -> ((AttentionSpan.Local) span).window())
                .collect(Collectors.toSet());
        if (windows.size() > 1) {
            throw unwritable("windows of %s positions in different layers".formatted(windows));
        }
        Optional<Integer> window = windows.stream().findFirst();
        json.addProperty("use_local_attn", window.isPresent());
        if (window.isPresent()) {
            json.addProperty("window_size", window.get());
            JsonArray types = new JsonArray();
            attention.spans().forEach(span -> types.add(span instanceof AttentionSpan.Local ? "local" : "global"));
            json.add("attn_types", types);
        }
    }

    private void positions(PositionEmbedding positions) {
        if (positions instanceof PositionEmbedding.Rotary rotary) {
            json.addProperty("positional_embedding_type", "rotary");
            rotary(rotary);
        } else if (positions instanceof PositionEmbedding.Alibi) {
            json.addProperty("positional_embedding_type", "alibi");
        } else if (positions instanceof PositionEmbedding.Shortformer) {
            json.addProperty("positional_embedding_type", "shortformer");
        } else if (positions instanceof PositionEmbedding.Learned) {
            json.addProperty("positional_embedding_type", "standard");
        } else {
            throw unwritable("positions of the kind " + positions.getClass().getSimpleName());
        }
    }

    private void rotary(PositionEmbedding.Rotary rotary) {
        json.addProperty("rotary_dim", rotary.dim());
        number("rotary_base", rotary.base());
        json.addProperty("rotary_adjacent_pairs", rotary.adjacentPairs());
        rotary.localBase().ifPresent(base -> number("rotary_base_local", base));
        if (rotary.scaling() instanceof RopeScaling.Linear linear) {
            json.addProperty("rotary_scaling_factor", linear.factor());
        } else if (rotary.scaling() instanceof RopeScaling.ByParts parts) {
            json.addProperty("use_NTK_by_parts_rope", true);
            json.addProperty("NTK_by_parts_factor", parts.factor());
            json.addProperty("NTK_by_parts_low_freq_factor", parts.lowFrequency());
            json.addProperty("NTK_by_parts_high_freq_factor", parts.highFrequency());
            json.addProperty("NTK_original_ctx_len", parts.oldContext());
        }
    }

    private void mlp(Mlp mlp) {
        json.addProperty("attn_only", mlp instanceof Mlp.None);
        if (mlp instanceof Mlp.None) {
            return;
        }
        json.addProperty("d_mlp", mlp.dMlp());
        json.addProperty("act_fn", mlp.activation().officialName());
        json.addProperty("gated_mlp", !(mlp instanceof Mlp.Plain));
        if (mlp instanceof Mlp.Experts mixture) {
            json.addProperty("num_experts", mixture.experts());
            json.addProperty("experts_per_token", mixture.perToken());
        }
    }

    /** TransformerLens's bases are whole numbers. */
    private void number(String key, double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            json.addProperty(key, (long) value);
        } else {
            json.addProperty(key, value);
        }
    }

    private CheckpointException unwritable(String what) {
        return new CheckpointException(
                "A model of the shape of %s has %s, and config.json of a HookedTransformer cannot say that. Save it as its own family."
                        .formatted(config.family(), what));
    }
}
