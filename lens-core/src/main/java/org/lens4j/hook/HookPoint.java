package org.lens4j.hook;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.lens4j.tensor.Axes;

/**
 * Every hook point, in firing order: the one place where its name, its axes and its switch are written down. Names and
 * meaning are TransformerLens's. Layer norms fire once for each norm, not three times as TransformerLens's {@code ln1}
 * does when q, k and v share their input.
 */
public enum HookPoint {
    /** The token ids, int64. */
    TOKENS("hook_tokens", "batch pos", Gate.TOKENS),
    /** The tokens' embedding. */
    EMBED("hook_embed", "batch pos d_model"),
    /** The positions' embedding. */
    POS_EMBED("hook_pos_embed", "batch pos d_model"),
    /** The residual stream before a block. */
    RESID_PRE("blocks.{l}.hook_resid_pre", "batch pos d_model"),
    /** The attention's input, one copy for each head. */
    ATTN_IN("blocks.{l}.hook_attn_in", "batch pos head d_model", Gate.ATTN_IN),
    /** What each head's queries are made from. */
    Q_INPUT("blocks.{l}.hook_q_input", "batch pos head d_model", Gate.SPLIT_QKV_INPUT),
    /** What each head's keys are made from. */
    K_INPUT("blocks.{l}.hook_k_input", "batch pos head d_model", Gate.SPLIT_QKV_INPUT),
    /** What each head's values are made from. */
    V_INPUT("blocks.{l}.hook_v_input", "batch pos head d_model", Gate.SPLIT_QKV_INPUT),
    /** The standard deviation the attention's layer norm divides by. */
    LN1_SCALE("blocks.{l}.ln1.hook_scale", "batch pos one"),
    /** The attention's input after its layer norm. */
    LN1_NORMALIZED("blocks.{l}.ln1.hook_normalized", "batch pos d_model"),
    /** Queries. */
    Q("blocks.{l}.attn.hook_q", "batch pos head d_head"),
    /** Keys. */
    K("blocks.{l}.attn.hook_k", "batch pos head d_head"),
    /** Values. */
    V("blocks.{l}.attn.hook_v", "batch pos head d_head"),
    /** Attention scores after scaling and masking; minus infinity where masked. */
    ATTN_SCORES("blocks.{l}.attn.hook_attn_scores", "batch head query_pos key_pos"),
    /** Attention pattern: softmax of the scores over keys. */
    PATTERN("blocks.{l}.attn.hook_pattern", "batch head query_pos key_pos"),
    /** Values mixed by the pattern. */
    Z("blocks.{l}.attn.hook_z", "batch pos head d_head"),
    /** What each head writes to the residual stream. */
    RESULT("blocks.{l}.attn.hook_result", "batch pos head d_model", Gate.ATTN_RESULT),
    /** What the attention writes to the residual stream. */
    ATTN_OUT("blocks.{l}.hook_attn_out", "batch pos d_model"),
    /** The residual stream between attention and MLP. */
    RESID_MID("blocks.{l}.hook_resid_mid", "batch pos d_model"),
    /** What the MLP's layer norm reads. */
    MLP_IN("blocks.{l}.hook_mlp_in", "batch pos d_model", Gate.MLP_IN),
    /** The standard deviation the MLP's layer norm divides by. */
    LN2_SCALE("blocks.{l}.ln2.hook_scale", "batch pos one"),
    /** The MLP's input after its layer norm. */
    LN2_NORMALIZED("blocks.{l}.ln2.hook_normalized", "batch pos d_model"),
    /** The neurons before the activation function. */
    MLP_PRE("blocks.{l}.mlp.hook_pre", "batch pos d_mlp"),
    /** The neurons after the activation function. */
    MLP_POST("blocks.{l}.mlp.hook_post", "batch pos d_mlp"),
    /** What the MLP writes to the residual stream. */
    MLP_OUT("blocks.{l}.hook_mlp_out", "batch pos d_model"),
    /** The residual stream after a block. */
    RESID_POST("blocks.{l}.hook_resid_post", "batch pos d_model"),
    /** The standard deviation the last layer norm divides by. */
    LN_FINAL_SCALE("ln_final.hook_scale", "batch pos one"),
    /** What the unembedding reads. */
    LN_FINAL_NORMALIZED("ln_final.hook_normalized", "batch pos d_model");

    private static final String LAYER = "{l}";

    private final String template;
    private final String axes;
    private final Optional<Gate> gate;

    HookPoint(String template, String axes) {
        this.template = template;
        this.axes = axes;
        this.gate = Optional.empty();
    }

    HookPoint(String template, String axes, Gate gate) {
        this.template = template;
        this.axes = axes;
        this.gate = Optional.of(gate);
    }

    /** The name with {@code {l}} for the layer. */
    public String template() {
        return template;
    }

    /** The names of the tensor's axes. */
    public Axes axes() {
        return Axes.of(axes);
    }

    /** The switch that must be on for it to fire; empty if it always fires. */
    public Optional<Gate> gate() {
        return gate;
    }

    /** Whether every block has one. */
    public boolean inBlock() {
        return template.contains(LAYER);
    }

    /** Whether it fires after the last block, so that a run for it must go to the end. */
    public boolean afterBlocks() {
        return this == LN_FINAL_SCALE || this == LN_FINAL_NORMALIZED;
    }

    /** The name at a layer; the layer is ignored by the points that have none. */
    String name(int layer) {
        return template.replace(LAYER, Integer.toString(layer));
    }

    /** Those every block has, in firing order. */
    static List<HookPoint> ofBlock() {
        return Arrays.stream(values()).filter(HookPoint::inBlock).toList();
    }
}
