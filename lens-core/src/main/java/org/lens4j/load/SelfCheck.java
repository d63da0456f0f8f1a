package org.lens4j.load;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Stacks;
import org.lens4j.model.HookedModel;
import org.lens4j.model.KvCache;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Kernels;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.Tokens;

/**
 * What was measured on a model right after it was loaded.
 *
 * @param measurements at least one
 */
public record SelfCheck(List<Measurement> measurements) {
    /** How long the fixed prompt is, where the model reads as much. */
    private static final int PROMPT = 8;

    /** Float32 rounds differently after a rewrite, more the deeper a model is; a wrong rewrite is off by tenths of nats. */
    private static final double SAME = 1e-2;

    /**
     * One number and what it may be at most.
     *
     * @param name what was measured, in words
     * @param value the result
     * @param tolerance the largest value that is right
     */
    public record Measurement(String name, double value, double tolerance) {
        /** Whether it is right; a value that is no number is not. */
        public boolean passed() {
            return value <= tolerance;
        }

        @Override
        public String toString() {
            String number = value == Math.rint(value) ? "%.0f" : "%.1e";
            String shown = String.format(Locale.ROOT, "%s " + number, name, value);
            return passed() ? shown : shown + String.format(Locale.ROOT, " (more than %.0e)", tolerance);
        }
    }

    /** Copies the list. */
    public SelfCheck {
        measurements = List.copyOf(measurements);
    }

    /** The prompt of the check: a few ids spread over the vocabulary, the same for every model of a shape. */
    private static long[] ids(ModelConfig config) {
        int pos = Math.min(PROMPT, config.nCtx());
        long[] ids = new long[pos];
        for (int i = 0; i < pos; i++) {
            ids[i] = (2L * i + 1) * config.dVocab() / (2L * pos);
        }
        return ids;
    }

    /** Log-probabilities of a model on the prompt of the check, {@code [pos d_vocab]} row by row. */
    static float[] logProbs(HookedModel model) {
        return logProbs(model, Tokens.of(ids(model.config())), RunOptions.defaults());
    }

    /**
     * Checks processed weights.
     *
     * @param raw the log-probabilities before the rewrites
     * @param processed those after them
     */
    static SelfCheck of(float[] raw, float[] processed) {
        double difference = largestDifference(raw, processed);
        return new SelfCheck(
                List.of(new Measurement("log-probs raw vs processed", difference, SAME), finite(processed)));
    }

    /** Checks weights that were not rewritten. */
    static SelfCheck of(float[] logProbs) {
        return new SelfCheck(List.of(finite(logProbs)));
    }

    /**
     * This with what must hold of any model: padding changes nothing wherever it stands, and keys and values that are
     * remembered are as good as fresh ones.
     *
     * @param logProbs of the model on the prompt of the check
     */
    SelfCheck withLawsOf(HookedModel model, float[] logProbs) {
        List<Measurement> all = new ArrayList<>(measurements);
        long[] ids = ids(model.config());
        all.add(new Measurement("activations not finite", activationsNotFinite(model), 0));
        if (ids.length < 2 || model.config().stacks() instanceof Stacks.EncoderDecoder) {
            return new SelfCheck(all);
        }
        long[] shorter = Arrays.copyOf(ids, ids.length - ids.length / 2);
        float[] alone = logProbs(model, Tokens.of(shorter), RunOptions.defaults());
        for (PaddingSide side : sides(model.config())) {
            float[] both = logProbs(model, Tokens.padded(side, ids[0], ids, shorter), RunOptions.defaults());
            int width = logProbs.length / ids.length;
            int pads = side == PaddingSide.LEFT ? ids.length - shorter.length : 0;
            int from = (ids.length + pads) * width;
            float[] padded = Arrays.copyOfRange(both, from, from + alone.length);
            String name = "%s pad vs none".formatted(side.name().toLowerCase(Locale.ROOT));
            all.add(new Measurement(name, largestDifference(alone, padded), SAME));
        }
        if (model.config().attention().causal()) {
            all.add(new Measurement("kv cache vs none", remembered(model, ids, shorter.length, logProbs), SAME));
        }
        return new SelfCheck(all);
    }

    /** Where padding changes nothing: an encoder counts it as a position, so there it must stand behind. */
    private static List<PaddingSide> sides(ModelConfig config) {
        return config.stacks() instanceof Stacks.Encoder ? List.of(PaddingSide.RIGHT) : List.of(PaddingSide.values());
    }

    /** A weight that is no number need not reach the logits: a pattern of such is taken for one that sees nothing. */
    private static long activationsNotFinite(HookedModel model) {
        long wrong = 0;
        try (Run run = model.runWithCache(Tokens.of(ids(model.config())))) {
            for (String name : run.cache().names()) {
                NDArray activation = run.cache().get(name);
                boolean masked = name.endsWith("hook_attn_scores");
                if (!masked && activation.getDataType() == DataType.FLOAT32) {
                    wrong += finite(activation.toFloatArray()).value() == 0 ? 0 : 1;
                }
            }
        }
        return wrong;
    }

    /** How far the second part of a text is off when the first was read before. */
    private static double remembered(HookedModel model, long[] ids, int first, float[] logProbs) {
        try (KvCache past = new KvCache()) {
            RunOptions options = RunOptions.defaults().withPast(past);
            float[] start = logProbs(model, Tokens.of(Arrays.copyOf(ids, first)), options);
            float[] rest = logProbs(model, Tokens.of(Arrays.copyOfRange(ids, first, ids.length)), options);
            float[] fresh = Arrays.copyOfRange(logProbs, start.length, logProbs.length);
            return largestDifference(fresh, rest);
        }
    }

    private static float[] logProbs(HookedModel model, Tokens tokens, RunOptions options) {
        try (Run run = model.run(tokens, options)) {
            return Kernels.call("log_softmax", run.logits()).toFloatArray();
        }
    }

    private static Measurement finite(float[] logProbs) {
        long wrong = 0;
        for (float value : logProbs) {
            wrong += Float.isFinite(value) ? 0 : 1;
        }
        return new Measurement("log-probs not finite", wrong, 0);
    }

    private static double largestDifference(float[] a, float[] b) {
        double largest = 0;
        for (int i = 0; i < a.length; i++) {
            double difference = Math.abs(a[i] - b[i]);
            // Not Math.max alone: a NaN must not be forgotten.
            largest = Double.isNaN(difference) ? Double.NaN : Math.max(largest, difference);
        }
        return largest;
    }

    /** Whether everything measured is right. */
    public boolean passed() {
        return measurements.stream().allMatch(Measurement::passed);
    }

    /** The verdict and every measurement in one line. */
    public String line() {
        return (passed() ? "passed: " : "FAILED: ")
                + measurements.stream().map(Measurement::toString).collect(Collectors.joining(", "));
    }
}
