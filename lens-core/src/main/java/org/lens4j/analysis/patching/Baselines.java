package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Scope;

/**
 * The metrics without any patch, and the scale they give.
 *
 * @param prompts the axis of the prompts
 * @param metrics in order
 * @param clean by metric {@code [prompt]} as the metrics gave them
 * @param corrupted likewise; NaN where there is no corrupted run
 * @param cleanLast logits of the clean runs at the last token, {@code [prompt d_vocab]}
 */
record Baselines(
        Axis prompts, List<PatchMetric> metrics, List<float[]> clean, List<float[]> corrupted, NDArray cleanLast) {
    /**
     * Runs the prompts that are not patched.
     *
     * @param scope owns the clean logits
     * @param base the run that is patched, the clean one if corrupted activations go into it
     */
    static Baselines of(
            HookedTransformer model,
            PatchPairs pairs,
            List<PatchMetric> metrics,
            Scope scope,
            BaseRun base,
            boolean baseIsClean) {
        try (BaseRun other = BaseRun.of(model, baseIsClean ? pairs.corrupted() : pairs.clean())) {
            BaseRun clean = baseIsClean ? base : other;
            BaseRun corrupted = baseIsClean ? other : base;
            NDArray last = last(model, clean, scope);
            return new Baselines(
                    pairs.prompts(),
                    metrics,
                    new Readout(model, pairs.clean(), metrics, last).values(clean.residual(), 0),
                    new Readout(model, pairs.corrupted(), metrics, last).values(corrupted.residual(), 0),
                    last);
        }
    }

    /** Those of a run beside which there is no corrupted one. */
    static Baselines alone(HookedTransformer model, BaseRun base, List<PatchMetric> metrics, Scope scope) {
        NDArray last = last(model, base, scope);
        List<float[]> clean = new Readout(model, base.tokens(), metrics, last).values(base.residual(), 0);
        return new Baselines(
                Axis.counted("prompt", base.tokens().batch()),
                metrics,
                clean,
                Collections.nCopies(metrics.size(), new float[0]),
                last);
    }

    private static NDArray last(HookedTransformer model, BaseRun clean, Scope scope) {
        return Readout.last(model, clean.tokens(), scope.alias(clean.residual()), 0, scope);
    }

    /** Of one metric, by prompt. */
    List<Baseline> of(int metric) {
        float[] low = corrupted.get(metric);
        float[] high = clean.get(metric);
        float gap = low.length == 0 ? Float.NaN : (float) (mean(high) - mean(low));
        return IntStream.range(0, high.length)
                .mapToObj(prompt -> new Baseline(high[prompt], low.length == 0 ? Float.NaN : low[prompt], gap))
                .toList();
    }

    private static double mean(float[] values) {
        return IntStream.range(0, values.length)
                .mapToDouble(i -> values[i])
                .average()
                .orElse(Double.NaN);
    }

    /** Puts what a sweep found on the metrics' scales. */
    PatchResult result(String site, Sweep.Found found) {
        List<PatchScores> scores = new ArrayList<>();
        for (int i = 0; i < metrics.size(); i++) {
            PatchMetric metric = metrics.get(i);
            List<Baseline> baselines = of(i);
            int size = found.values().get(i).length / baselines.size();
            float[] values = new float[found.values().get(i).length];
            for (int at = 0; at < values.length; at++) {
                values[at] = metric.scaled(found.values().get(i)[at], baselines.get(at / size));
            }
            List<Axis> axes = new ArrayList<>(found.axes());
            axes.add(0, prompts);
            String title = (corrupted.get(i).length == 0 ? "%s, %s" : "%s, patching %s").formatted(metric.name(), site);
            scores.add(new PatchScores(
                    metric.name(),
                    new Grid(title, metric.unit(), axes, values),
                    baselines.stream().map(it -> metric.scaled(it.clean(), it)).toList(),
                    corrupted.get(i).length == 0
                            ? List.of()
                            : baselines.stream()
                                    .map(it -> metric.scaled(it.corrupted(), it))
                                    .toList()));
        }
        return new PatchResult(site, scores, found.progress());
    }
}
