package org.lens4j.analysis.logits;

import java.util.List;

/**
 * The likeliest next tokens after a prompt.
 *
 * @param prompt the text that was fed, decoded back from its tokens
 * @param top the candidates, likeliest first
 */
public record NextTokens(String prompt, List<Prediction> top) {
    /** Copies the candidates. */
    public NextTokens {
        top = List.copyOf(top);
    }
}
