package org.lens4j.analysis.circuits;

import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;

/**
 * How much each head attends where a known kind of head attends: a grid {@code [layer head]} of numbers from 0 to 1, the
 * attention paid to the expected positions, averaged over all queries that have one. These are
 * {@link DetectOptions.Measure#ATTENTION} of a {@link HeadDetector}, which has TransformerLens's two measures too.
 *
 * <pre>{@code
 * Tokens tokens = RepeatedTokens.random(model.config(), 16, 60, 1);
 * float score = HeadScores.induction(model, tokens).at(1, 3);     // head 3 of layer 1
 * }</pre>
 */
public final class HeadScores {
    private static final DetectOptions ATTENTION = DetectOptions.defaults().with(DetectOptions.Measure.ATTENTION);

    private HeadScores() {}

    /** Attention to the token before. */
    public static Grid previousToken(HookedTransformer model, Tokens tokens) {
        return HeadDetector.detect(model, tokens, new HeadPattern.PreviousToken(), ATTENTION);
    }

    /** Attention to earlier copies of the same token. */
    public static Grid duplicateToken(HookedTransformer model, Tokens tokens) {
        return HeadDetector.detect(model, tokens, new HeadPattern.DuplicateToken(), ATTENTION);
    }

    /**
     * Attention to the tokens that followed earlier copies of the same token: the prefix-matching score (Olsson et al.,
     * 2022).
     */
    public static Grid induction(HookedTransformer model, Tokens tokens) {
        return HeadDetector.detect(model, tokens, new HeadPattern.Induction(), ATTENTION);
    }

    /**
     * All three, {@code [kind layer head]}.
     *
     * @param tokens some of which come twice: {@link RepeatedTokens}
     */
    public static Grid all(HookedTransformer model, Tokens tokens) {
        return Grid.stacked(
                "Head scores",
                new Axis("kind", List.of("previous", "duplicate", "induction")),
                previousToken(model, tokens),
                duplicateToken(model, tokens),
                induction(model, tokens));
    }
}
