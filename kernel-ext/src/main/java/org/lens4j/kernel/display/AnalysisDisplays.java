package org.lens4j.kernel.display;

import org.lens4j.analysis.Grid;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.residual.LogitAttribution;
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
                .with(PatchResult.class, it -> Renderings.noted(patches(it), it.notes()));
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
