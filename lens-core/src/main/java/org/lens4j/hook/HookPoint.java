package org.lens4j.hook;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norm;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Stacks;
import org.lens4j.tensor.Axes;

/**
 * Every hook point, in firing order: the one place where its name, its axes, its switch and the models that have it are
 * written down. Names and meaning are TransformerLens's. Layer norms fire once for each norm, not three times as
 * TransformerLens's {@code ln1} does when q, k and v share their input.
 *
 * <p>The axis kv_head counts the heads that keys and values have; row is every token of every sequence (for qk norms every
 * head of them too); routed is the tokens sent to an expert.
 */
public enum HookPoint {
    /** The token ids, int64. */
    TOKENS("hook_tokens", "batch pos", Presence.ONE_DECODER, Gate.TOKENS),
    /** The tokens' embedding in an encoder. */
    WORD_EMBED("embed.hook_embed", "batch pos d_model", Presence.ONE_ENCODER),
    /** The positions' embedding in an encoder. */
    PLACE_EMBED("embed.hook_pos_embed", "batch pos d_model", Presence.ONE_ENCODER),
    /** The embedding of the segments the tokens are in. */
    TOKEN_TYPE_EMBED("embed.hook_token_type_embed", "batch pos d_model", Presence.ONE_ENCODER),
    /** The standard deviation the embedding's layer norm divides by. */
    EMBED_LN_SCALE("embed.ln.hook_scale", "batch pos one", Presence.EMBEDDING_NORM),
    /** The embedding after its layer norm. */
    EMBED_LN_NORMALIZED("embed.ln.hook_normalized", "batch pos d_model", Presence.EMBEDDING_NORM),
    /** The tokens' embedding. */
    EMBED("hook_embed", "batch pos d_model", Presence.PLAIN_EMBEDDING),
    /** The positions' embedding. */
    POS_EMBED("hook_pos_embed", "batch pos d_model", Presence.POSITION_VECTORS),
    /** Everything an encoder's first block reads, normalised. */
    FULL_EMBED("hook_full_embed", "batch pos d_model", Presence.ONE_ENCODER),
    /** The residual stream before a block. */
    RESID_PRE("blocks.{l}.hook_resid_pre", "batch pos d_model"),
    /** The attention's input, one copy for each head. */
    ATTN_IN("blocks.{l}.hook_attn_in", "batch pos head d_model", Presence.NORM_BEFORE, Gate.ATTN_IN),
    /** What each head's queries are made from. */
    Q_INPUT("blocks.{l}.hook_q_input", "batch pos head d_model", Presence.ALWAYS, Gate.SPLIT_QKV_INPUT),
    /** What each head's keys are made from. */
    K_INPUT("blocks.{l}.hook_k_input", "batch pos kv_head d_model", Presence.ALWAYS, Gate.SPLIT_QKV_INPUT),
    /** What each head's values are made from. */
    V_INPUT("blocks.{l}.hook_v_input", "batch pos kv_head d_model", Presence.ALWAYS, Gate.SPLIT_QKV_INPUT),
    /** What the attention's layer norm divides by. */
    LN1_SCALE("blocks.{l}.ln1.hook_scale", "batch pos one", Presence.FIRST_NORM),
    /** The attention's input after its layer norm. */
    LN1_NORMALIZED("blocks.{l}.ln1.hook_normalized", "batch pos d_model", Presence.FIRST_NORM),
    /** Queries. */
    Q("blocks.{l}.attn.hook_q", "batch pos head d_head", Presence.ATTENTION),
    /** Keys. */
    K("blocks.{l}.attn.hook_k", "batch pos kv_head d_head", Presence.ATTENTION),
    /** Values. */
    V("blocks.{l}.attn.hook_v", "batch pos kv_head d_head", Presence.ATTENTION),
    /** What the queries' norm divides by. */
    Q_NORM_SCALE("blocks.{l}.attn.q_norm.hook_scale", "row one", Presence.QK_NORM),
    /** Queries after their norm, before its gain. */
    Q_NORM_NORMALIZED("blocks.{l}.attn.q_norm.hook_normalized", "row d_head", Presence.QK_NORM),
    /** What the keys' norm divides by. */
    K_NORM_SCALE("blocks.{l}.attn.k_norm.hook_scale", "row one", Presence.QK_NORM),
    /** Keys after their norm, before its gain. */
    K_NORM_NORMALIZED("blocks.{l}.attn.k_norm.hook_normalized", "row d_head", Presence.QK_NORM),
    /** Queries after rotation. */
    ROT_Q("blocks.{l}.attn.hook_rot_q", "batch pos head d_head", Presence.ROTARY),
    /** Keys after rotation. */
    ROT_K("blocks.{l}.attn.hook_rot_k", "batch key_pos kv_head d_head", Presence.ROTARY),
    /** Attention scores after scaling, softcap, distance penalty and masking; minus infinity where masked. */
    ATTN_SCORES("blocks.{l}.attn.hook_attn_scores", "batch head query_pos key_pos", Presence.ATTENTION),
    /** Attention pattern: softmax of the scores over keys. */
    PATTERN("blocks.{l}.attn.hook_pattern", "batch head query_pos key_pos", Presence.ATTENTION),
    /** Values mixed by the pattern. */
    Z("blocks.{l}.attn.hook_z", "batch pos head d_head", Presence.ATTENTION),
    /** What each head writes to the residual stream. */
    RESULT("blocks.{l}.attn.hook_result", "batch pos head d_model", Presence.ATTENTION, Gate.ATTN_RESULT),
    /** What the norm after the attention divides by. */
    LN1_POST_SCALE("blocks.{l}.ln1_post.hook_scale", "batch pos one", Presence.POST_NORM),
    /** The attention's output after its norm. */
    LN1_POST_NORMALIZED("blocks.{l}.ln1_post.hook_normalized", "batch pos d_model", Presence.POST_NORM),
    /** What the attention writes to the residual stream. */
    ATTN_OUT("blocks.{l}.hook_attn_out", "batch pos d_model"),
    /** The residual stream between attention and MLP. */
    RESID_MID("blocks.{l}.hook_resid_mid", "batch pos d_model", Presence.MIDDLE),
    /** What the norm before the attention to the encoder reads. */
    CROSS_ATTN_IN("blocks.{l}.hook_cross_attn_in", "batch pos d_model", Presence.CROSSING, Gate.ATTN_IN),
    /** What the norm before the attention to the encoder divides by. */
    CROSS_LN_SCALE("blocks.{l}.ln2.hook_scale", "batch pos one", Presence.CROSSING),
    /** What queries to the encoder are made from. */
    CROSS_LN_NORMALIZED("blocks.{l}.ln2.hook_normalized", "batch pos d_model", Presence.CROSSING),
    /** What the attention to the encoder writes to the residual stream. */
    CROSS_ATTN_OUT("blocks.{l}.hook_cross_attn_out", "batch pos d_model", Presence.CROSSING),
    /** The residual stream between the attention to the encoder and the MLP. */
    RESID_MID_CROSS("blocks.{l}.hook_resid_mid_cross", "batch pos d_model", Presence.CROSSING),
    /** What the MLP's layer norm reads. */
    MLP_IN("blocks.{l}.hook_mlp_in", "batch pos d_model", Presence.MLP, Gate.MLP_IN),
    /** What the MLP's layer norm divides by. */
    LN2_SCALE("blocks.{l}.ln2.hook_scale", "batch pos one", Presence.MLP_NORM),
    /** The MLP's input after its layer norm. */
    LN2_NORMALIZED("blocks.{l}.ln2.hook_normalized", "batch pos d_model", Presence.MLP_NORM),
    /** What the MLP's layer norm divides by, behind an attention to the encoder. */
    LN3_SCALE("blocks.{l}.ln3.hook_scale", "batch pos one", Presence.CROSSING),
    /** The MLP's input after its layer norm, behind an attention to the encoder. */
    LN3_NORMALIZED("blocks.{l}.ln3.hook_normalized", "batch pos d_model", Presence.CROSSING),
    /** What the norm behind the attention's sum divides by. */
    SUM_LN1_SCALE("blocks.{l}.ln1.hook_scale", "batch pos one", Presence.NORM_BEHIND),
    /** The attention's sum after its norm. */
    SUM_LN1_NORMALIZED("blocks.{l}.ln1.hook_normalized", "batch pos d_model", Presence.NORM_BEHIND),
    /** The neurons before the activation function; the gate's where there is one. */
    MLP_PRE("blocks.{l}.mlp.hook_pre", "batch pos d_mlp", Presence.DENSE),
    /** What the gate is multiplied with. */
    MLP_PRE_LINEAR("blocks.{l}.mlp.hook_pre_linear", "batch pos d_mlp", Presence.GATED),
    /** The neurons after the activation function, before the norm that follows it. */
    MLP_MID("blocks.{l}.mlp.hook_mid", "batch pos d_mlp", Presence.NEURON_NORM),
    /** What the neurons' layer norm divides by. */
    MLP_LN_SCALE("blocks.{l}.mlp.ln.hook_scale", "batch pos one", Presence.NEURON_NORM),
    /** The neurons after their layer norm. */
    MLP_LN_NORMALIZED("blocks.{l}.mlp.ln.hook_normalized", "batch pos d_mlp", Presence.NEURON_NORM),
    /** The neurons that are written from. */
    MLP_POST("blocks.{l}.mlp.hook_post", "batch pos d_mlp", Presence.DENSE),
    /** How much the router favours each expert: softmax over all of them. */
    EXPERT_WEIGHTS("blocks.{l}.mlp.hook_expert_weights", "row expert", Presence.EXPERTS),
    /** The experts each token is sent to, int64. */
    EXPERT_INDICES("blocks.{l}.mlp.hook_expert_indices", "row choice", Presence.EXPERTS),
    /** An expert's gate before its activation function, for the tokens sent to it. */
    EXPERT_GATE("blocks.{l}.mlp.experts.{e}.hook_gate", "routed d_mlp", Presence.EXPERTS),
    /** What an expert's gate is multiplied with. */
    EXPERT_PRE("blocks.{l}.mlp.experts.{e}.hook_pre", "routed d_mlp", Presence.EXPERTS),
    /** An expert's neurons that are written from. */
    EXPERT_POST("blocks.{l}.mlp.experts.{e}.hook_post", "routed d_mlp", Presence.EXPERTS),
    /** What the norm after the MLP divides by. */
    LN2_POST_SCALE("blocks.{l}.ln2_post.hook_scale", "batch pos one", Presence.MLP_POST_NORM),
    /** The MLP's output after its norm. */
    LN2_POST_NORMALIZED("blocks.{l}.ln2_post.hook_normalized", "batch pos d_model", Presence.MLP_POST_NORM),
    /** What the MLP writes to the residual stream. */
    MLP_OUT("blocks.{l}.hook_mlp_out", "batch pos d_model", Presence.MLP),
    /** The residual stream after a block. */
    RESID_POST("blocks.{l}.hook_resid_post", "batch pos d_model"),
    /** What the norm behind the MLP's sum divides by. */
    SUM_LN2_SCALE("blocks.{l}.ln2.hook_scale", "batch pos one", Presence.NORM_BEHIND),
    /** The MLP's sum after its norm. */
    SUM_LN2_NORMALIZED("blocks.{l}.ln2.hook_normalized", "batch pos d_model", Presence.NORM_BEHIND),
    /** What a block with norms behind its sums passes on. */
    NORMALIZED_RESID_POST("blocks.{l}.hook_normalized_resid_post", "batch pos d_model", Presence.NORM_BEHIND),
    /** What the norm behind the encoder divides by. */
    ENCODER_FINAL_LN_SCALE("encoder_final_ln.hook_scale", "batch pos one", Presence.TWO_STACKS),
    /** What the encoder made of the text, before the norm's gain. */
    ENCODER_FINAL_LN_NORMALIZED("encoder_final_ln.hook_normalized", "batch pos d_model", Presence.TWO_STACKS),
    /** What the norm behind the decoder divides by. */
    DECODER_FINAL_LN_SCALE("decoder_final_ln.hook_scale", "batch pos one", Presence.TWO_STACKS),
    /** What the unembedding of the decoder reads, before the norm's gain. */
    DECODER_FINAL_LN_NORMALIZED("decoder_final_ln.hook_normalized", "batch pos d_model", Presence.TWO_STACKS),
    /** What the norm in the head for masked tokens divides by. */
    MLM_LN_SCALE("mlm_head.ln.hook_scale", "batch pos one", Presence.ONE_ENCODER),
    /** What an encoder's unembedding reads. */
    MLM_LN_NORMALIZED("mlm_head.ln.hook_normalized", "batch pos d_model", Presence.ONE_ENCODER),
    /** The first token's last activation after one more layer: a summary of the text. */
    POOLER_OUT("pooler.hook_pooler_out", "batch d_model", Presence.ONE_ENCODER, Gate.NEXT_SENTENCE),
    /** Scores of the second segment following the first, and of it not following. */
    NSP_OUT("nsp_head.hook_nsp_out", "batch is_next", Presence.ONE_ENCODER, Gate.NEXT_SENTENCE),
    /** What the last layer norm divides by. */
    LN_FINAL_SCALE("ln_final.hook_scale", "batch pos one", Presence.LAST_NORM),
    /** What the unembedding reads. */
    LN_FINAL_NORMALIZED("ln_final.hook_normalized", "batch pos d_model", Presence.LAST_NORM);

    private static final String LAYER = "{l}";
    private static final String EXPERT = "{e}";

    private final String template;
    private final String axes;
    private final Presence presence;
    private final Optional<Gate> gate;

    HookPoint(String template, String axes) {
        this(template, axes, Presence.ALWAYS);
    }

    HookPoint(String template, String axes, Presence presence) {
        this.template = template;
        this.axes = axes;
        this.presence = presence;
        this.gate = Optional.empty();
    }

    HookPoint(String template, String axes, Presence presence, Gate gate) {
        this.template = template;
        this.axes = axes;
        this.presence = presence;
        this.gate = Optional.of(gate);
    }

    /** The name with {@code {l}} for the layer and {@code {e}} for the expert. */
    public String template() {
        return template;
    }

    /** The names of the tensor's axes in a run without switches. */
    public Axes axes() {
        return Axes.of(axes);
    }

    /** The switch that must be on for it to fire; empty if it always fires. */
    public Optional<Gate> gate() {
        return gate;
    }

    /** Whether a model of that shape has it; for points inside blocks, whether its only stack has. */
    public boolean isIn(ModelConfig config) {
        return isIn(config, Stack.BLOCKS);
    }

    /** Whether a model of that shape has it in that stack. */
    boolean isIn(ModelConfig config, Stack stack) {
        return presence.test(config, stack);
    }

    /** Whether its tensor is int64 ids, which have no gradient. */
    public boolean holdsIds() {
        return this == TOKENS || this == EXPERT_INDICES;
    }

    /** Whether every block has one. */
    public boolean inBlock() {
        return template.contains(LAYER);
    }

    /** Whether every expert of a block has one. */
    public boolean inExpert() {
        return template.contains(EXPERT);
    }

    /** Whether it fires after the last block, so that a run for it must go to the end. */
    public boolean afterBlocks() {
        return !inBlock() && compareTo(RESID_POST) > 0;
    }

    /** The full name of this point there. */
    String name(HookName place) {
        return place.stack()
                .template(template)
                .replace(LAYER, Integer.toString(place.layer()))
                .replace(EXPERT, Integer.toString(place.expert()));
    }

    /** Those blocks have, in firing order. */
    static List<HookPoint> ofBlock() {
        return Arrays.stream(values()).filter(HookPoint::inBlock).toList();
    }

    /** Which models have a hook point, and in which of their stacks. */
    private enum Presence implements BiPredicate<ModelConfig, Stack> {
        ALWAYS(config -> true),
        ATTENTION((config, stack) -> true),
        ONE_DECODER(config -> config.stacks() instanceof Stacks.Decoder),
        ONE_ENCODER(config -> config.stacks() instanceof Stacks.Encoder),
        TWO_STACKS(config -> config.stacks() instanceof Stacks.EncoderDecoder),
        PLAIN_EMBEDDING(config -> !(config.stacks() instanceof Stacks.Encoder)),
        EMBEDDING_NORM(config -> config.norms().afterEmbedding()),
        POSITION_VECTORS(config -> config.stacks() instanceof Stacks.Decoder
                && (config.positions() instanceof PositionEmbedding.Learned
                        || config.positions() instanceof PositionEmbedding.Shortformer)),
        ROTARY(config -> config.positions() instanceof PositionEmbedding.Rotary),
        NORM_BEFORE(config -> !(config.stacks() instanceof Stacks.Encoder)),
        NORM_BEHIND(config -> config.stacks() instanceof Stacks.Encoder),
        FIRST_NORM(config ->
                !(config.stacks() instanceof Stacks.Encoder) && config.norms().blocks() != Norm.NONE),
        LAST_NORM(config ->
                config.stacks() instanceof Stacks.Decoder && config.norms().last() != Norm.NONE),
        POST_NORM(config -> config.norms().afterParts()),
        QK_NORM(config -> config.attention().qkNorm()),
        MLP(config -> !(config.mlp() instanceof Mlp.None)),
        MLP_POST_NORM((config, stack) -> MLP.test(config, stack) && POST_NORM.test(config, stack)),
        MLP_NORM(
                (config, stack) -> MLP.test(config, stack) && FIRST_NORM.test(config, stack) && stack != Stack.DECODER),
        MIDDLE((config, stack) -> MLP.test(config, stack) && !config.parallel()),
        CROSSING((config, stack) -> stack == Stack.DECODER),
        DENSE(config -> config.mlp() instanceof Mlp.Plain || config.mlp() instanceof Mlp.Gated),
        GATED(config -> config.mlp() instanceof Mlp.Gated),
        NEURON_NORM(config -> config.activation().normed()),
        EXPERTS(config -> config.mlp() instanceof Mlp.Experts);

        @SuppressWarnings("ImmutableEnumChecker") // the predicates hold no state
        private final BiPredicate<ModelConfig, Stack> rule;

        /** The same in every stack of blocks. */
        Presence(Predicate<ModelConfig> rule) {
            this((config, stack) -> stack != Stack.CROSS && rule.test(config));
        }

        Presence(BiPredicate<ModelConfig, Stack> rule) {
            this.rule = rule;
        }

        @Override
        public boolean test(ModelConfig config, Stack stack) {
            return rule.test(config, stack);
        }
    }
}
