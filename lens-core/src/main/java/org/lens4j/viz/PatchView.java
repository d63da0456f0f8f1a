package org.lens4j.viz;

import java.util.ArrayList;
import java.util.List;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.patching.PatchScores;

/**
 * What a patching sweep found: a heat map over the patched places, with the tokens on the axis of positions and the clean and
 * the corrupted run's own numbers beside it.
 *
 * <pre>{@code
 * Rendering shown = PatchView.of(ActivationPatch.of(model, pairs, metric).run(PatchSite.residPre()));
 * }</pre>
 */
public final class PatchView {
    private PatchView() {}

    /** The first metric, mean over the prompts. */
    public static Rendering of(PatchResult result) {
        return of(result, result.scores().get(0).metric());
    }

    /**
     * A metric, mean over the prompts.
     *
     * @throws org.lens4j.error.UnknownNameException if the sweep had none of that name
     */
    public static Rendering of(PatchResult result, String metric) {
        PatchScores scores = result.scores(metric);
        List<String> notes = new ArrayList<>();
        String corrupted = Float.isNaN(scores.corruptedMean())
                ? ""
                : ", corrupted %s".formatted(Numerals.significant(scores.corruptedMean()));
        notes.add("Without patches: clean %s%s.".formatted(Numerals.significant(scores.cleanMean()), corrupted));
        if (!result.isComplete()) {
            notes.add("Stopped after %s; the rest is empty.".formatted(result.progress()));
        }
        return GridView.of(scores.mean(), notes);
    }
}
