package org.lens4j.train;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.circuits.HeadScores;
import org.lens4j.analysis.circuits.RepeatedTokens;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.text.Tokens;
import org.lens4j.train.english.Probe;
import org.lens4j.train.english.ProbedKind;
import org.lens4j.train.english.SyntheticEnglish;

/**
 * What the embedded model can do, measured on questions and tokens it was not trained on.
 *
 * <pre>{@code
 * try (HookedTransformer model = Lens.load("demo")) {
 *     System.out.println(DemoReport.of(model).table());
 * }
 * }</pre>
 *
 * @param accuracies one for each kind of sentence that has a right answer
 * @param previousToken scores {@code [layer head]} on repeated random words of the English it was trained on
 * @param duplicateToken likewise
 * @param induction likewise
 */
public record DemoReport(List<Accuracy> accuracies, Grid previousToken, Grid duplicateToken, Grid induction) {
    private static final int QUESTIONS = 200;
    private static final int ROWS = 16;
    /** Half the context: blocks of 7 to 15 words, twice and more. */
    private static final int LENGTH = 32;

    private static final long SEED = 20_260_101;

    /** Copies the list. */
    public DemoReport {
        accuracies = List.copyOf(accuracies);
    }

    /**
     * How many questions of a kind were answered right: the likeliest token of the whole vocabulary is the answer.
     *
     * @param kind the kind's title
     * @param right questions answered right
     * @param asked questions in all
     */
    public record Accuracy(String kind, int right, int asked) {
        /** The fraction, 0 to 1. */
        public double fraction() {
            return (double) right / asked;
        }
    }

    /** Measures a model that was trained on the synthetic English; its tokenizer must be that English's. */
    public static DemoReport of(HookedTransformer model) {
        SyntheticEnglish english = SyntheticEnglish.standard();
        List<Accuracy> accuracies = english.probedKinds().stream()
                .map(kind -> accuracy(model, kind, english.heldOut(kind, QUESTIONS, SEED)))
                .toList();
        List<Integer> words = english.pieces().stream()
                .map(piece -> (int) model.tokenizer().single(piece))
                .toList();
        Tokens repeated = RepeatedTokens.random(model.config(), words, ROWS, LENGTH, SEED);
        return new DemoReport(
                accuracies,
                HeadScores.previousToken(model, repeated),
                HeadScores.duplicateToken(model, repeated),
                HeadScores.induction(model, repeated));
    }

    private static Accuracy accuracy(HookedTransformer model, ProbedKind kind, List<Probe> probes) {
        // Questions of one length make one run.
        Map<Integer, List<Probe>> byLength = probes.stream()
                .collect(Collectors.groupingBy(
                        probe -> model.tokens(probe.prompt()).pos(), TreeMap::new, Collectors.toList()));
        int right = byLength.values().stream()
                .mapToInt(group -> right(model, group))
                .sum();
        return new Accuracy(kind.title(), right, probes.size());
    }

    private static int right(HookedTransformer model, List<Probe> probes) {
        long[][] prompts = probes.stream()
                .map(probe -> model.tokens(probe.prompt()).ids(0).stream()
                        .mapToLong(Long::longValue)
                        .toArray())
                .toArray(long[][]::new);
        try (Run run = model.run(Tokens.of(prompts))) {
            NDArray logits = run.logits();
            float[] flat = logits.toFloatArray();
            int dVocab = model.config().dVocab();
            int right = 0;
            for (int i = 0; i < prompts.length; i++) {
                int end = (i + 1) * prompts[i].length * dVocab;
                int likeliest = likeliest(Arrays.copyOfRange(flat, end - dVocab, end));
                right += likeliest == model.tokenizer().single(probes.get(i).answer()) ? 1 : 0;
            }
            return right;
        }
    }

    private static int likeliest(float[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            best = scores[i] > scores[best] ? i : best;
        }
        return best;
    }

    /** The report as a Markdown table. */
    public String table() {
        StringBuilder table = new StringBuilder("| measured on what training left out | result |\n| --- | --- |\n");
        for (Accuracy accuracy : accuracies) {
            table.append(String.format(
                    Locale.ROOT,
                    "| %s, right of %d | %.1f %% |%n",
                    accuracy.kind(),
                    accuracy.asked(),
                    100 * accuracy.fraction()));
        }
        for (Grid scores : List.of(previousToken, duplicateToken, induction)) {
            table.append("| best of the %s | %s |%n".formatted(scores.title(), best(scores)));
        }
        return table.toString();
    }

    private static String best(Grid scores) {
        int heads = scores.axis("head").size();
        float[] values = scores.values();
        int best = likeliest(values);
        return String.format(Locale.ROOT, "L%dH%d, %.2f", best / heads, best % heads, values[best]);
    }
}
