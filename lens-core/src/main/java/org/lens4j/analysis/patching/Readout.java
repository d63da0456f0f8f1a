package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.lens4j.error.ShapeException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * From residual streams to metrics. Logits are computed at each row's last token only, unless a metric looks everywhere.
 *
 * @param model which
 * @param tokens of the run that is patched
 * @param metrics in order
 * @param cleanLast logits of the clean runs at the last token, {@code [prompt d_vocab]}; stays with the caller
 */
record Readout(HookedTransformer model, Tokens tokens, List<PatchMetric> metrics, NDArray cleanLast) {
    /** Logits take no more than this at a time. */
    private static final long MOST_BYTES = 64L << 20;

    boolean looksEverywhere() {
        return metrics.stream().anyMatch(PatchMetric::looksEverywhere);
    }

    /**
     * Reads some rows.
     *
     * @param residual after the last block, {@code [n·prompt pos d_model]} from a position on
     * @param start that position; 0 where a metric looks everywhere
     * @return by metric {@code [row]}
     */
    List<float[]> values(NDArray residual, int start) {
        int rows = Math.toIntExact(residual.getShape().get(0));
        float[][] values = new float[metrics.size()][rows];
        long width = model.config().dVocabOut()
                * (looksEverywhere() ? residual.getShape().get(1) : 1);
        int most = (int) Math.max(1, MOST_BYTES / (Float.BYTES * width));
        for (int from = 0; from < rows; from += most) {
            int count = Math.min(most, rows - from);
            try (Scope scope = Scope.root()) {
                NDArray some = Kernels.call(
                        "stretch",
                        scope.alias(residual),
                        scope.scalar(0L),
                        scope.scalar((long) from),
                        scope.scalar((long) count));
                read(some, from, start, values, scope);
            }
        }
        return List.of(values);
    }

    private void read(NDArray residual, int from, int start, float[][] values, Scope scope) {
        int[] prompts = IntStream.range(
                        from, from + Math.toIntExact(residual.getShape().get(0)))
                .map(row -> row % tokens.batch())
                .toArray();
        Tokens fed = tokens.sequences(prompts);
        List<Integer> rows = IntStream.of(prompts).boxed().toList();
        PatchedLogits logits;
        if (looksEverywhere()) {
            NDArray all = logits(fed, residual, scope);
            logits = new PatchedLogits(PatchedLogits.last(all, fed, scope), Optional.of(all), fed, rows, cleanLast);
        } else {
            logits =
                    new PatchedLogits(last(model, fed, residual, start, scope), Optional.empty(), fed, rows, cleanLast);
        }
        for (int metric = 0; metric < metrics.size(); metric++) {
            NDArray found = metrics.get(metric).values(logits, scope);
            if (found.size() != prompts.length) {
                throw new ShapeException("The metric \"%s\" gave %s for %d runs. Give one number for each: [row]."
                        .formatted(metrics.get(metric).name(), found.getShape(), prompts.length));
            }
            System.arraycopy(found.toFloatArray(), 0, values[metric], from, prompts.length);
        }
    }

    /** Logits at each row's last token of residual streams that begin at a position, {@code [row d_vocab]}. */
    static NDArray last(HookedTransformer model, Tokens fed, NDArray residual, int start, Scope scope) {
        int[] last = IntStream.range(0, fed.batch())
                .map(row -> PatchPairs.last(fed, row))
                .toArray();
        long[] at = IntStream.of(last).mapToLong(it -> it - start).toArray();
        List<long[]> ids = new ArrayList<>();
        for (int row = 0; row < last.length; row++) {
            ids.add(new long[] {fed.ids(row).get(last[row])});
        }
        NDArray some = PatchedLogits.atPositions(residual, at, scope);
        return logits(model, Tokens.of(ids.toArray(long[][]::new)), some, scope).squeeze(1);
    }

    private NDArray logits(Tokens fed, NDArray residual, Scope scope) {
        return logits(model, fed, residual, scope);
    }

    /** The last norm and the unembedding, with what is attached there. */
    private static NDArray logits(HookedTransformer model, Tokens fed, NDArray residual, Scope scope) {
        RunOptions options = RunOptions.defaults().startAtLayer(model.config().nLayers(), residual);
        try (Run run = model.run(fed, options)) {
            return scope.adopt(run.logits());
        }
    }
}
