package org.lens4j.analysis.circuits;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.cache.ActivationCache;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.Advice;
import org.lens4j.error.RangeException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;

/**
 * Scores of how well each head's attention is a pattern. TransformerLens: {@code detect_head}, with its options honoured for
 * several prompts too.
 *
 * <pre>{@code
 * Grid scores = HeadDetector.detect(model, tokens, HeadPattern.named("induction_head"), DetectOptions.defaults());
 * }</pre>
 */
public final class HeadDetector {
    private HeadDetector() {}

    /** {@link #detect(HookedTransformer, List, HeadPattern, DetectOptions)} of prompts of one length. */
    public static Grid detect(HookedTransformer model, Tokens tokens, HeadPattern pattern, DetectOptions options) {
        return detect(model, List.of(tokens), pattern, options);
    }

    /**
     * The mean score over prompts.
     *
     * @param prompts each of one or more sequences without padding; at least one
     * @return {@code [layer head]}; NaN for heads that are not asked for
     * @throws UsageException if there is nothing to compare with, or the pattern has shades and the measure knows none
     * @throws RangeException if a head is asked for that the model does not have
     */
    public static Grid detect(
            HookedTransformer model, List<Tokens> prompts, HeadPattern pattern, DetectOptions options) {
        ModelConfig config = model.config();
        for (DetectOptions.Head head : options.heads()) {
            RangeException.index("layer", head.layer(), config.nLayers(), model.name());
            RangeException.index("head", head.head(), config.nHeads(), model.name());
        }
        Scores scores = new Scores(config.nLayers(), config.nHeads());
        int seen = 0;
        for (Tokens tokens : prompts) {
            requireWhole(tokens);
            List<float[][]> wanted = new ArrayList<>();
            for (int row = 0; row < tokens.batch(); row++) {
                wanted.add(checked(pattern.of(tokens.ids(row)), options.measure()));
            }
            seen += tokens.batch();
            add(model, tokens, wanted, options, scores);
        }
        if (seen == 0) {
            throw new UsageException("There are no prompts, so no head attends anywhere. Give at least one.");
        }
        if (options.measure() == DetectOptions.Measure.ATTENTION && scores.weight == 0) {
            throw new UsageException("No token of this text has a position to which %s heads attend. %s"
                    .formatted(pattern.words(), Advice.REPEATED_TOKENS.text()));
        }
        return grid(pattern, options, scores);
    }

    private static void requireWhole(Tokens tokens) {
        for (int row = 0; row < tokens.batch(); row++) {
            for (int pos = 0; pos < tokens.pos(); pos++) {
                if (!tokens.isAttended(row, pos)) {
                    throw new UsageException(
                            "Prompt %d has padding at position %d, where no head attends. Give prompts of different lengths as a list."
                                    .formatted(row, pos));
                }
            }
        }
    }

    private static float[][] checked(float[][] pattern, DetectOptions.Measure measure) {
        for (float[] row : pattern) {
            for (float value : row) {
                if (measure != DetectOptions.Measure.ABS && value != 0 && value != 1) {
                    throw new UsageException(
                            "The pattern has the number %s, and the measure %s knows only 0 and 1. Use Measure.ABS."
                                    .formatted(value, measure));
                }
            }
        }
        return pattern;
    }

    /** Scores of all prompts so far, weighted. */
    private static final class Scores {
        private final double[][] sums;
        private double weight;

        Scores(int nLayers, int nHeads) {
            sums = new double[nLayers][nHeads];
        }
    }

    private static void add(
            HookedTransformer model, Tokens tokens, List<float[][]> wanted, DetectOptions options, Scores scores) {
        int nHeads = model.config().nHeads();
        int pos = tokens.pos();
        // Queries with somewhere to look weigh the same in whatever prompt they are; other measures weigh prompts.
        double weight = options.measure() == DetectOptions.Measure.ATTENTION
                ? wanted.stream().mapToLong(HeadDetector::queries).sum()
                : tokens.batch();
        scores.weight += weight;
        try (ActivationCache cache = model.cache(tokens, "blocks.*.attn.hook_pattern")) {
            for (int layer = 0; layer < model.config().nLayers(); layer++) {
                NDArray pattern = cache.get(new HookName(HookPoint.PATTERN, layer).full());
                float[] attention = pattern.toFloatArray();
                for (int row = 0; row < tokens.batch(); row++) {
                    for (int head = 0; head < nHeads; head++) {
                        int first = (row * nHeads + head) * pos * pos;
                        float[] one = Arrays.copyOfRange(attention, first, first + pos * pos);
                        scores.sums[layer][head] += score(one, wanted.get(row), options);
                    }
                }
            }
        }
    }

    private static long queries(float[][] pattern) {
        return Arrays.stream(pattern)
                .filter(row -> {
                    for (float value : row) {
                        if (value != 0) {
                            return true;
                        }
                    }
                    return false;
                })
                .count();
    }

    /** A head's score on one prompt; for {@code ATTENTION} the sum over its queries. */
    private static double score(float[] attention, float[][] wanted, DetectOptions options) {
        int pos = wanted.length;
        double hit = 0;
        double all = 0;
        double missed = 0;
        for (int query = 0; query < pos; query++) {
            for (int key = 0; key < pos; key++) {
                boolean left = (key == 0 && options.excludeBos()) || (key == query && options.excludeCurrentToken());
                if (!left) {
                    float paid = attention[query * pos + key];
                    hit += paid * wanted[query][key];
                    all += paid;
                    missed += Math.abs(paid - wanted[query][key]);
                }
            }
        }
        return switch (options.measure()) {
            case MUL -> all == 0 ? 0 : hit / all;
            case ABS -> 1 - Math.rint(missed / pos * 1000) / 1000;
            case ATTENTION -> hit;
        };
    }

    private static Grid grid(HeadPattern pattern, DetectOptions options, Scores scores) {
        int nLayers = scores.sums.length;
        int nHeads = scores.sums[0].length;
        float[] values = new float[nLayers * nHeads];
        for (int layer = 0; layer < nLayers; layer++) {
            for (int head = 0; head < nHeads; head++) {
                boolean asked =
                        options.heads().isEmpty() || options.heads().contains(new DetectOptions.Head(layer, head));
                values[layer * nHeads + head] = asked ? (float) (scores.sums[layer][head] / scores.weight) : Float.NaN;
            }
        }
        return new Grid(
                pattern.words() + " heads",
                "score",
                List.of(Axis.counted("layer", nLayers), Axis.counted("head", nHeads)),
                values);
    }
}
