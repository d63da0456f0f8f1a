package org.lens4j.analysis.logits;

import java.util.List;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.text.Tokens;

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

    /**
     * Runs the model and reads its last position.
     *
     * @param tokens the first sequence counts
     * @param count how many candidates, 1 to the size of the vocabulary
     * @throws org.lens4j.error.RangeException if {@code count} is outside that
     */
    public static NextTokens of(HookedTransformer model, Tokens tokens, int count) {
        try (Run run = model.run(tokens)) {
            return of(model, run, count);
        }
    }

    /**
     * Reads the last position of a run, for example of one with hooks.
     *
     * @param model whose run it is
     * @param run stays with the caller
     * @param count how many candidates, 1 to the size of the vocabulary
     * @throws org.lens4j.error.RangeException if {@code count} is outside that
     */
    public static NextTokens of(HookedTransformer model, Run run, int count) {
        List<List<Prediction>> positions = TopTokens.of(model, run.logits(), count);
        return new NextTokens(run.tokens().text(0), positions.get(positions.size() - 1));
    }
}
