package org.lens4j.analysis.patching;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.UnknownNameException;

/**
 * What a sweep found. On the Java heap.
 *
 * @param site what was patched
 * @param scores one for each metric, in order
 * @param progress how far it came: where it was stopped, the rest of each grid is NaN
 */
public record PatchResult(String site, List<PatchScores> scores, PatchProgress progress) {
    private static final double LEVEL = 0.95;

    /** Copies the list. */
    public PatchResult {
        scores = List.copyOf(scores);
    }

    /** The first metric, mean over the prompts, over the site's axes. */
    public Grid grid() {
        return scores.get(0).mean();
    }

    /**
     * A metric, mean over the prompts.
     *
     * @throws UnknownNameException if the sweep had none of that name
     */
    public Grid grid(String metric) {
        return scores(metric).mean();
    }

    /**
     * A metric with its prompts and baselines.
     *
     * @throws UnknownNameException if the sweep had none of that name
     */
    public PatchScores scores(String metric) {
        return scores.stream()
                .filter(it -> it.metric().equals(metric))
                .findFirst()
                .orElseThrow(() -> UnknownNameException.of(
                        "metric",
                        metric,
                        "this sweep",
                        scores.stream().map(PatchScores::metric).toList(),
                        ""));
    }

    /**
     * How sure the means over the prompts are, of the first metric: 1000 resamples of the prompts.
     *
     * @param level for example 0.95
     * @throws org.lens4j.error.RangeException if there are fewer than two prompts, or the level is no share
     */
    public Interval interval(double level) {
        return scores.get(0).interval(level, PatchScores.RESAMPLES, 1);
    }

    /** Whether it was not stopped. */
    public boolean isComplete() {
        return progress.isComplete();
    }

    /** Whether parts of one run were taken away: there is no other run to take anything from. */
    public boolean isAblation() {
        return scores.get(0).corrupted().isEmpty();
    }

    /** What a reader looks at: {@link #grid}, or of an ablation how far each takes the metric from the whole model's. */
    public Grid shown() {
        return isAblation() ? Ablation.change(scores.get(0)) : grid();
    }

    /** What readers should know beside the grid: the metric without patches, and how far a stopped sweep came. */
    public List<String> notes() {
        List<String> notes = new ArrayList<>(List.of(scores.get(0).note()));
        if (scores.size() > 1) {
            String more = scores.stream().skip(1).map(PatchScores::metric).collect(Collectors.joining(", "));
            notes.add("More metrics: %s. Show one by scores(name).".formatted(more));
        }
        notes.addAll(flat(scores.subList(0, 1)));
        if (!isComplete()) {
            notes.add("Stopped after %s; the rest is empty.".formatted(progress));
        }
        return notes;
    }

    /**
     * Every metric with every prompt beside the mean and its 95 % interval: {@link PatchScores#inFull} of each; of an ablation
     * the changes.
     */
    public List<Grid> inFull() {
        return scores.stream()
                .map(it -> isAblation() ? it.changes() : it)
                .map(it -> it.inFull(LEVEL))
                .toList();
    }

    /** What readers should know beside {@link #inFull}: a sentence for each metric, then what is true of all. */
    public List<String> notesInFull() {
        List<String> notes = new ArrayList<>();
        for (PatchScores each : scores) {
            String note = each.note();
            notes.add(scores.size() == 1 ? note : "%s: %s".formatted(each.metric(), note));
        }
        if (scores.get(0).clean().size() > 1) {
            notes.add(String.format(
                    Locale.ROOT,
                    "low and high: between them the mean lies with %.0f %%, if the prompts are drawn again (bootstrap, %d draws).",
                    100 * LEVEL,
                    PatchScores.RESAMPLES));
        }
        notes.addAll(flat(scores));
        if (!isComplete()) {
            notes.add("Stopped after %s; the rest is empty.".formatted(progress));
        }
        return notes;
    }

    /** A probability near 0 or 1 hardly moves with any logit, so what one gradient says of it is about nothing. */
    private List<String> flat(List<PatchScores> of) {
        return of.stream()
                .filter(it -> site.endsWith(AttributionPatch.ESTIMATED) && it.isSaturated())
                .map(it -> String.format(
                        Locale.ROOT,
                        "The probability is %.4f where its gradient is taken, and near 0 and 1 that gradient is almost 0: these estimates are too small. Take the metric log_prob or logit_diff.",
                        it.corruptedMean()))
                .toList();
    }

    /** Several results of one shape on a new first axis. */
    static PatchResult stacked(String site, Axis kinds, List<PatchResult> results) {
        List<PatchScores> stacked = new ArrayList<>();
        for (int metric = 0; metric < results.get(0).scores().size(); metric++) {
            PatchScores first = results.get(0).scores().get(metric);
            int prompts = first.clean().size();
            int size = first.size();
            float[] values = new float[prompts * kinds.size() * size];
            for (int kind = 0; kind < kinds.size(); kind++) {
                float[] one = results.get(kind).scores().get(metric).perPrompt().values();
                for (int prompt = 0; prompt < prompts; prompt++) {
                    System.arraycopy(one, prompt * size, values, (prompt * kinds.size() + kind) * size, size);
                }
            }
            List<Axis> axes = new ArrayList<>(first.perPrompt().axes());
            axes.add(1, kinds);
            String title = "%s, patching %s".formatted(first.words().title(), site);
            stacked.add(new PatchScores(
                    first.metric(),
                    first.words(),
                    new Grid(title, first.perPrompt().unit(), axes, values),
                    first.clean(),
                    first.corrupted()));
        }
        int done = results.stream().mapToInt(it -> it.progress().done()).sum();
        int of = results.stream().mapToInt(it -> it.progress().of()).sum();
        return new PatchResult(site, stacked, new PatchProgress(done, of));
    }

    /** The same with each key head's number at every head that shares it, so that it fits beside other heads. */
    PatchResult forEveryHead(int nHeads) {
        List<PatchScores> wider = new ArrayList<>();
        for (PatchScores each : scores) {
            Grid grid = each.perPrompt();
            int last = grid.axes().size() - 1;
            int share = nHeads / grid.axes().get(last).size();
            float[] old = grid.values();
            float[] values = new float[old.length * share];
            for (int i = 0; i < values.length; i++) {
                values[i] = old[i / share];
            }
            List<Axis> axes = new ArrayList<>(grid.axes());
            axes.set(last, Axis.counted(axes.get(last).name(), nHeads));
            wider.add(new PatchScores(
                    each.metric(),
                    each.words(),
                    new Grid(grid.title(), grid.unit(), axes, values),
                    each.clean(),
                    each.corrupted()));
        }
        return new PatchResult(site, wider, progress);
    }

    @Override
    public String toString() {
        return "%s %s: %s, %s"
                .formatted(
                        isAblation() ? "Ablation" : "Patching",
                        site,
                        progress,
                        scores.stream().map(PatchScores::metric).toList());
    }
}
