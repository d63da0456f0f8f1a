package org.lens4j.hook;

/**
 * A switch for hook points that cost extra work or memory and are off unless a run asks for them. TransformerLens keeps
 * these in the model's config; here a run's options turn them on, so a model is never changed.
 */
public enum Gate {
    /** {@code hook_result}: what each head writes, {@code n_heads} times the memory of the residual stream. */
    ATTN_RESULT("withAttnResult", "--attn-result"),
    /** {@code hook_q_input}, {@code hook_k_input}, {@code hook_v_input}: an input for each head. */
    SPLIT_QKV_INPUT("withSplitQkvInput", "--split-qkv"),
    /** {@code hook_attn_in}: one input for each head, shared by q, k and v. */
    ATTN_IN("withAttnIn", "--attn-in"),
    /** {@code hook_mlp_in}: what the MLP's layer norm reads. */
    MLP_IN("withMlpIn", "--mlp-in"),
    /** Keys and values for every head where several share one: {@code hook_k} and {@code hook_v} get all the heads. */
    UNGROUPED_GQA("withUngroupedGqa", "--ungroup-gqa"),
    /** {@code hook_tokens}: the token ids themselves. */
    TOKENS("withTokens", "--tokens"),
    /** {@code hook_pooler_out} and {@code hook_nsp_out}: an encoder's head that tells whether one text follows another. */
    NEXT_SENTENCE("withNextSentence", "--next-sentence");

    private final String option;
    private final String flag;

    Gate(String option, String flag) {
        this.option = option;
        this.flag = flag;
    }

    /** The method of the run's options that opens it. */
    public String option() {
        return option;
    }

    /** How it is written in a cell and on the command line. */
    public String flag() {
        return flag;
    }
}
