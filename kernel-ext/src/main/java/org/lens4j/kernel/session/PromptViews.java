package org.lens4j.kernel.session;

import org.lens4j.analysis.Grid;
import org.lens4j.analysis.attention.AttentionPatterns;
import org.lens4j.analysis.logits.LogitLens;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.text.Tokens;

/** Short forms of the analyses one begins with, on the session's prompt. */
public sealed interface PromptViews extends CurrentModel permits LensSession {
    /**
     * The tokens of the prompt, as the current model is fed them.
     *
     * @throws org.lens4j.error.StateException if there is no model or no prompt
     */
    Tokens tokens();

    /**
     * The attention pattern of one layer on the prompt.
     *
     * @param layer from 0
     * @return {@code [head query_pos key_pos]}
     * @throws org.lens4j.error.RangeException if there is no such layer
     */
    default Grid attention(int layer) {
        return AttentionPatterns.of(hooked(), tokens(), layer);
    }

    /** The logit lens on the prompt, five candidates for each place. */
    default LogitLens logitLens() {
        return logitLens(LogitLens.DEFAULT_TOP);
    }

    /**
     * The logit lens on the prompt.
     *
     * @param count how many candidates to keep for each place
     */
    default LogitLens logitLens(int count) {
        return LogitLens.of(model(), tokens(), count);
    }

    /**
     * The likeliest tokens after the prompt.
     *
     * @param count how many
     */
    default NextTokens next(int count) {
        return NextTokens.of(model(), tokens(), count);
    }
}
