package org.lens4j.viz;

import java.util.List;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.patching.PatchScores;

/**
 * What a patching sweep found: a heat map over the patched places, with the tokens on the axis of positions, and what the runs
 * score without a patch. An ablation is shown by how far each takes the metric from the whole model's.
 *
 * <pre>{@code
 * Rendering shown = PatchView.of(ActivationPatch.of(model, pairs, metric).run(PatchSite.residPre()));
 * }</pre>
 */
public final class PatchView {
    private PatchView() {}

    /** The first metric, mean over the prompts. */
    public static Rendering of(PatchResult result) {
        return GridView.of(result.shown(), result.notes());
    }

    /**
     * A metric, mean over the prompts.
     *
     * @throws org.lens4j.error.UnknownNameException if the sweep had none of that name
     */
    public static Rendering of(PatchResult result, String metric) {
        return of(result.scores(metric));
    }

    /** One metric of a sweep, mean over the prompts. */
    public static Rendering of(PatchScores scores) {
        return GridView.of(scores.mean(), List.of(scores.note()));
    }
}
