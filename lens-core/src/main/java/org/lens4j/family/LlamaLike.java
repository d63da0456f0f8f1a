package org.lens4j.family;

import java.util.List;
import java.util.function.IntPredicate;
import org.lens4j.config.Attention;
import org.lens4j.config.AttentionSpan;
import org.lens4j.config.Mlp;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;

/**
 * What the descendants of Llama share: RMS norms, rotation of whole heads, keys and values shared by groups of heads, a
 * gated MLP, and one set of names.
 */
final class LlamaLike {
    /** The names' prefix. */
    static final List<String> PREFIXES = List.of("model.", "language_model.model.", "");

    /** Buffers older checkpoints hold. */
    static final List<String> IGNORED =
            List.of("layers\\.\\d+\\.self_attn\\.rotary_emb\\.inv_freq", "rotary_emb\\.inv_freq");

    private static final String BLOCK = "layers.{l}.";
    private static final String ATTENTION = BLOCK + "self_attn.";

    private LlamaLike() {}

    /** Sizes under their usual keys. */
    static Sizes sizes(ConfigJson json, int nCtx) {
        return new Sizes(
                json.integer("num_hidden_layers"),
                json.integer("hidden_size"),
                json.integer("vocab_size"),
                json.integer("max_position_embeddings", nCtx));
    }

    /** Heads under their usual keys. */
    static Attention attention(ConfigJson json, Sizes sizes) {
        int nHeads = json.integer("num_attention_heads");
        return Attention.of(sizes.nLayers(), nHeads, ConfigFields.headDim(json, sizes.dModel(), nHeads))
                .withKvHeads(json.integer("num_key_value_heads", nHeads));
    }

    /** Rotation of a share of each head. */
    static PositionEmbedding.Rotary rotary(ConfigJson json, Attention attention, double share) {
        return new PositionEmbedding.Rotary((int) (attention.dHead() * share), ConfigFields.ropeTheta(json, 10000))
                .withScaling(ConfigFields.ropeScaling(json));
    }

    /** RMS norms. */
    static Norms rms(ConfigJson json, double otherwise) {
        return Norms.rms((float) json.number("rms_norm_eps", otherwise));
    }

    /** A gated MLP. */
    static Mlp gated(ConfigJson json) {
        return new Mlp.Gated(json.integer("intermediate_size"), ConfigFields.activation(json, "hidden_act", "silu"));
    }

    /** Windows where {@code sliding_window} is a number and a layer slides. */
    static List<AttentionSpan> spans(ConfigJson json, int nLayers, IntPredicate slides) {
        int window = json.integer("sliding_window", 0);
        return ConfigFields.spans(json, nLayers, Math.max(1, window), layer -> window > 0 && slides.test(layer));
    }

    /**
     * Rows of a model with the usual names.
     *
     * @param qkvBias whether queries, keys and values have biases
     * @param outBias whether the attention's output has
     */
    static List<Row> rows(Attention heads, boolean qkvBias, boolean outBias) {
        Rows rows = new Rows().tokens("embed_tokens.weight").rmsNorm("blocks.{l}.ln1", BLOCK + "input_layernorm");
        heads(rows, heads, qkvBias);
        return rows.attentionOut(ATTENTION + "o_proj", outBias)
                .rmsNorm("blocks.{l}.ln2", BLOCK + "post_attention_layernorm")
                .gatedMlp(BLOCK + "mlp.gate_proj", BLOCK + "mlp.up_proj", BLOCK + "mlp.down_proj")
                .rmsNorm("ln_final", "norm")
                .unembed("lm_head.weight")
                .list();
    }

    /** Queries, keys and values under their usual names. */
    static Rows heads(Rows rows, Attention heads, boolean bias) {
        return rows.separateHeads(heads, ATTENTION + "q_proj", ATTENTION + "k_proj", ATTENTION + "v_proj", bias);
    }
}
