package org.lens4j.kernel.display;

import java.util.List;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.patching.EdgeAttribution;
import org.lens4j.analysis.patching.Interval;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.patching.PatchScores;
import org.lens4j.analysis.residual.LogitAttribution;
import org.lens4j.analysis.residual.ResidualStack;
import org.lens4j.viz.BarsView;
import org.lens4j.viz.GridView;
import org.lens4j.viz.PatchView;
import org.lens4j.viz.Rendering;

/** How results that say more than one grid look in a notebook: the grid, and what readers should know below it. */
final class AnalysisDisplays {
    private AnalysisDisplays() {}

    /** Adds them. */
    static Displays on(Displays displays) {
        return displays.with(LogitAttribution.class, it -> Renderings.noted(parts(it), it.notes()))
                .with(ResidualStack.class, it -> Renderings.bundle(GridView.of(norms(it))))
                .with(PatchResult.class, it -> Renderings.noted(patches(it), it.notes()))
                .with(PatchScores.class, it -> Renderings.noted(GridView.of(it.mean()), List.of(it.note())))
                .with(Interval.class, it -> Renderings.bundle(GridView.of(it.grid())))
                .with(EdgeAttribution.Scores.class, it -> Renderings.bundle(GridView.of(it.grid())));
    }

    /** Lengths, without the axis of sequences where there is one sequence. */
    private static Grid norms(ResidualStack stack) {
        Grid norms = stack.norms();
        return norms.axis("batch").size() == 1 ? norms.slice("batch", 0) : norms;
    }

    /** By position it is a map of components and tokens, otherwise a list of parts. */
    private static Rendering parts(LogitAttribution attribution) {
        Grid mean = attribution.mean();
        boolean mapped = mean.axes().get(mean.rank() - 1).name().equals("source_pos");
        return mapped ? GridView.of(mean) : BarsView.of(attribution);
    }

    private static Rendering patches(PatchResult result) {
        return result.isAblation() ? GridView.of(result.shown()) : PatchView.of(result);
    }
}
