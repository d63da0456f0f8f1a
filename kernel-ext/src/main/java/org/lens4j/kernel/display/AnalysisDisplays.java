package org.lens4j.kernel.display;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.patching.EdgeAttribution;
import org.lens4j.analysis.patching.Interval;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.patching.PatchScores;
import org.lens4j.analysis.residual.LogitAttribution;
import org.lens4j.analysis.residual.ResidualStack;
import org.lens4j.viz.GridView;

/** How results that are a grid and something more look in a notebook: the grid, and below it what belongs to it. */
final class AnalysisDisplays {
    private AnalysisDisplays() {}

    /** Adds them. */
    static Displays on(Displays displays) {
        return displays.with(LogitAttribution.class, it -> Renderings.noted(GridView.of(it.mean()), notes(it)))
                .with(ResidualStack.class, it -> Renderings.bundle(GridView.of(norms(it))))
                .with(PatchResult.class, AnalysisDisplays::patched)
                .with(PatchScores.class, it -> Renderings.noted(GridView.of(it.mean()), List.of(unpatched(it))))
                .with(Interval.class, it -> Renderings.bundle(GridView.of(it.grid())))
                .with(EdgeAttribution.Scores.class, it -> Renderings.bundle(GridView.of(it.grid())));
    }

    /** Lengths, without the axis of sequences where there is one sequence. */
    private static Grid norms(ResidualStack stack) {
        Grid norms = stack.norms();
        return norms.axis("batch").size() == 1 ? norms.slice("batch", 0) : norms;
    }

    private static List<String> notes(LogitAttribution found) {
        int prompts = found.totals().size();
        double sum = 0;
        for (int prompt = 0; prompt < prompts; prompt++) {
            sum += found.sum(prompt);
        }
        List<String> notes = new ArrayList<>();
        notes.add(String.format(
                Locale.ROOT,
                "%sAll of these sum to %.2f, and the whole is %.2f.",
                prompts > 1 ? "Mean over %d prompts. ".formatted(prompts) : "",
                sum / prompts,
                found.total()));
        notes.addAll(found.notes());
        return notes;
    }

    private static MimeBundle patched(PatchResult result) {
        List<String> notes = new ArrayList<>();
        notes.add(unpatched(result.scores().get(0)));
        if (result.scores().size() > 1) {
            notes.add("More metrics: %s. Show one by scores(name)."
                    .formatted(String.join(
                            ", ",
                            result.scores().stream()
                                    .skip(1)
                                    .map(PatchScores::metric)
                                    .toList())));
        }
        if (!result.isComplete()) {
            notes.add("Stopped after %s; the rest is empty.".formatted(result.progress()));
        }
        return Renderings.noted(GridView.of(result.grid()), notes);
    }

    private static String unpatched(PatchScores scores) {
        int prompts = scores.clean().size();
        String mean = prompts > 1 ? "Mean over %d prompts. ".formatted(prompts) : "";
        return scores.corrupted().isEmpty()
                ? String.format(Locale.ROOT, "%sThe whole model: %.2f.", mean, scores.cleanMean())
                : String.format(
                        Locale.ROOT,
                        "%sWithout a patch: clean run %.2f, corrupted run %.2f.",
                        mean,
                        scores.cleanMean(),
                        scores.corruptedMean());
    }
}
