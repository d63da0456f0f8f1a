package org.lens4j.analysis.patching;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.RangeException;

/**
 * Between what the mean over prompts lies.
 *
 * @param mean over the prompts, over the site's axes
 * @param low lower ends, over the site's axes
 * @param high upper ends
 * @param level how sure, for example 0.95
 */
public record Interval(Grid mean, Grid low, Grid high, double level) {
    private static final Axis ENDS = new Axis("end", List.of("low", "mean", "high"));
    private static final int MOST_IN_A_ROW = 16;

    /** Lower end, mean and upper end side by side: {@code end} low, mean, high, then the site's axes. */
    public Grid grid() {
        return Grid.stacked(title(), ENDS, low, mean, high);
    }

    /** What a reader looks at: of few patches a row of numbers for each end, of many {@link #grid}. */
    public Grid shown() {
        return mean.values().length > MOST_IN_A_ROW
                ? grid()
                : Grid.stacked(title(), ENDS, low.flat(), mean.flat(), high.flat());
    }

    private String title() {
        return String.format(Locale.ROOT, "%s, %.0f %% interval over prompts", mean.title(), 100 * level);
    }

    static Interval of(PatchScores scores, double level, int resamples, long seed) {
        int prompts = scores.clean().size();
        if (prompts < 2 || level <= 0 || level >= 1 || resamples < 1) {
            throw new RangeException(
                    "An interval at level %s of %d resamples over %d prompts is asked for. It takes at least 2 prompts, a level between 0 and 1 and 1 resample."
                            .formatted(level, resamples, prompts));
        }
        int[][] draws = draws(prompts, resamples, seed);
        float[] all = scores.perPrompt().values();
        int size = scores.size();
        float[] low = new float[size];
        float[] high = new float[size];
        double[] means = new double[resamples];
        for (int i = 0; i < size; i++) {
            for (int draw = 0; draw < resamples; draw++) {
                double sum = 0;
                for (int prompt : draws[draw]) {
                    sum += all[prompt * size + i];
                }
                means[draw] = sum / prompts;
            }
            Arrays.sort(means);
            low[i] = (float) means[(int) Math.floor((1 - level) / 2 * (resamples - 1))];
            high[i] = (float) means[(int) Math.ceil((1 + level) / 2 * (resamples - 1))];
        }
        String title = scores.perPrompt().title();
        return new Interval(
                scores.mean(), scores.like(title + ", low end", low), scores.like(title + ", high end", high), level);
    }

    /** The same prompts for every patch, so that patches can be compared. */
    private static int[][] draws(int prompts, int resamples, long seed) {
        Random random = new Random(seed);
        int[][] draws = new int[resamples][];
        for (int draw = 0; draw < resamples; draw++) {
            draws[draw] = random.ints(prompts, 0, prompts).toArray();
        }
        return draws;
    }
}
