package org.lens4j.analysis.patching;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;

/**
 * One metric of a sweep.
 *
 * @param metric its name
 * @param words what readers are told of it
 * @param perPrompt {@code [prompt ..]}, then the site's axes; NaN where a patch was not made
 * @param clean each prompt's clean run, on the same scale
 * @param corrupted each prompt's corrupted run; empty where there is none
 */
public record PatchScores(String metric, Words words, Grid perPrompt, List<Float> clean, List<Float> corrupted) {
    /** Draws of an interval that nobody asked for by number. */
    static final int RESAMPLES = 1000;
    /** A probability's gradient is this times a logit's, at most 0.25: so little below 0.05 and above 0.95. */
    private static final double FLAT = 0.05;

    /**
     * A metric in words.
     *
     * @param title its name with its answers, {@code logit difference of ·Mary − ·John}
     * @param beneath of a share what it is a share of, as a sentence; else empty
     */
    public record Words(String title, String beneath) {}

    /** Copies the lists. */
    public PatchScores {
        clean = List.copyOf(clean);
        corrupted = List.copyOf(corrupted);
    }

    /** The mean over the prompts: the site's axes. */
    public Grid mean() {
        int size = size();
        float[] all = perPrompt.values();
        float[] mean = new float[size];
        int prompts = clean.size();
        for (int i = 0; i < size; i++) {
            double sum = 0;
            for (int prompt = 0; prompt < prompts; prompt++) {
                sum += all[prompt * size + i];
            }
            mean[i] = (float) (sum / prompts);
        }
        return like(perPrompt.title(), mean);
    }

    /**
     * All there is: {@code prompt}, which begins with {@code mean} and the ends {@code low} and {@code high} of its
     * {@link #interval}, and goes on with each prompt; then the site's axes. Of one prompt the mean alone, without that axis.
     *
     * @param level for example 0.95
     */
    public Grid inFull(double level) {
        if (clean.size() == 1) {
            return mean();
        }
        Interval sure = interval(level, RESAMPLES, 1);
        float[] all = perPrompt.values();
        int size = size();
        float[] values = new float[3 * size + all.length];
        System.arraycopy(sure.mean().values(), 0, values, 0, size);
        System.arraycopy(sure.low().values(), 0, values, size, size);
        System.arraycopy(sure.high().values(), 0, values, 2 * size, size);
        System.arraycopy(all, 0, values, 3 * size, all.length);
        Axis prompts = perPrompt.axes().get(0);
        List<Axis> axes = new ArrayList<>(perPrompt.axes());
        axes.set(
                0,
                new Axis(
                        prompts.name(),
                        Stream.concat(Stream.of("mean", "low", "high"), prompts.labels().stream())
                                .toList()));
        return new Grid(perPrompt.title(), perPrompt.unit(), axes, values);
    }

    /** How far each patch takes each prompt from its clean run; the clean runs stay what they are. */
    public PatchScores changes() {
        float[] values = perPrompt.values();
        int size = size();
        for (int i = 0; i < values.length; i++) {
            values[i] -= clean.get(i / size);
        }
        Grid changed = new Grid("Change of " + perPrompt.title(), perPrompt.unit(), perPrompt.axes(), values);
        return new PatchScores(metric, words, changed, clean, corrupted);
    }

    /** How many patches. */
    int size() {
        return perPrompt.values().length / clean.size();
    }

    /** A grid over the site's axes. */
    Grid like(String title, float[] values) {
        return new Grid(
                title,
                perPrompt.unit(),
                perPrompt.axes().subList(1, perPrompt.axes().size()),
                values);
    }

    /** The clean runs' mean. */
    public float cleanMean() {
        return mean(clean);
    }

    /** The corrupted runs' mean; NaN where there is none. */
    public float corruptedMean() {
        return mean(corrupted);
    }

    /** Whether it is a probability and the corrupted runs' are near 0 or 1. */
    boolean isSaturated() {
        return perPrompt.unit().equals(PatchMetric.PROBABILITY)
                && corrupted.stream().mapToDouble(p -> p * (1 - p)).average().orElse(1) < FLAT;
    }

    /** What readers should know beside the numbers: what happens without patches, and of how many prompts it is the mean. */
    public String note() {
        String mean = clean.size() > 1 ? "Mean over %d prompts. ".formatted(clean.size()) : "";
        return corrupted.isEmpty()
                ? String.format(Locale.ROOT, "%sThe whole model: %.4f.", mean, cleanMean())
                : String.format(
                        Locale.ROOT,
                        "%sWithout patches: clean %.4f, corrupted %.4f.%s",
                        mean,
                        cleanMean(),
                        corruptedMean(),
                        words.beneath().isEmpty() ? "" : " " + words.beneath());
    }

    private static float mean(List<Float> values) {
        return (float) values.stream().mapToDouble(it -> it).average().orElse(Double.NaN);
    }

    /**
     * How sure the mean is, for what the prompts are a sample of: the percentile bootstrap over prompts (Efron, 1979).
     *
     * @param level for example 0.95
     * @param resamples for example 1000
     * @param seed the same seed gives the same interval
     * @throws org.lens4j.error.RangeException if there are fewer than two prompts, or the level is no share
     */
    public Interval interval(double level, int resamples, long seed) {
        return Interval.of(this, level, resamples, seed);
    }
}
