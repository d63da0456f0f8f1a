package org.lens4j.kernel.display;

import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.residual.LogitAttribution;
import org.lens4j.viz.GridView;

/** How results that say more than one grid look in a notebook: the grid, and what readers should know below it. */
final class AnalysisDisplays {
    private AnalysisDisplays() {}

    /** Adds them. */
    static Displays on(Displays displays) {
        return displays.with(LogitAttribution.class, it -> Renderings.noted(GridView.of(it.mean()), it.notes()))
                .with(PatchResult.class, it -> Renderings.noted(GridView.of(it.shown()), it.notes()));
    }
}
