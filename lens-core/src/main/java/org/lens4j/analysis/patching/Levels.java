package org.lens4j.analysis.patching;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;

/**
 * The metrics of runs without any patch, and the scale they give. On the Java heap.
 *
 * @param prompts the axis of the prompts
 * @param metrics in order
 * @param clean by metric {@code [prompt]} as the metrics gave them
 * @param corrupted likewise; empty where there is no corrupted run
 */
record Levels(Axis prompts, List<PatchMetric> metrics, List<float[]> clean, List<float[]> corrupted) {
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
            PatchScores.Words words = words(i);
            String title = (corrupted.get(i).length == 0 ? "%s, %s" : "%s, patching %s").formatted(words.title(), site);
            scores.add(new PatchScores(
                    metric.name(),
                    words,
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

    private PatchScores.Words words(int i) {
        PatchMetric metric = metrics.get(i);
        PatchMetric unscaled = metric.unscaled();
        String answers = metric.answers().isEmpty() ? "" : " of " + metric.answers();
        String beneath = unscaled == metric
                ? ""
                : String.format(
                        Locale.ROOT,
                        "The %s itself: clean %.4f, corrupted %.4f.",
                        unscaled.name(),
                        mean(clean.get(i)),
                        mean(corrupted.get(i)));
        return new PatchScores.Words(metric.name() + answers, beneath);
    }
}
