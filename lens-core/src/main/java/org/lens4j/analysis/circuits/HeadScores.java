package org.lens4j.analysis.circuits;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
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

    /**
     * The best head of each kind, a sentence each.
     *
     * @param scores {@code [layer head]}, or {@code [kind layer head]}
     * @param kind what the heads of a grid without kinds are
     */
    public static List<String> best(Grid scores, String kind) {
        if (scores.rank() < 3) {
            return List.of(best(kind, scores));
        }
        String axis = scores.axes().get(0).name();
        return IntStream.range(0, scores.axes().get(0).size())
                .mapToObj(i -> best(scores.axes().get(0).labels().get(i), scores.slice(axis, i)))
                .toList();
    }

    private static String best(String kind, Grid scores) {
        float[] values = scores.values();
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        int nHeads = scores.axis("head").size();
        return String.format(Locale.ROOT, "Most %s: L%dH%d, %.3f.", kind, best / nHeads, best % nHeads, values[best]);
    }
}
