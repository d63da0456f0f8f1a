package org.lens4j.kernel.display;

import org.lens4j.analysis.Grid;
import org.lens4j.analysis.circuits.NeuronExamples;
import org.lens4j.analysis.circuits.SingularDirections;
import org.lens4j.analysis.patching.EdgeAttribution;
import org.lens4j.analysis.patching.Interval;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.patching.PatchScores;
import org.lens4j.analysis.residual.LogitAttribution;
import org.lens4j.analysis.residual.ResidualStack;
import org.lens4j.viz.BarsView;
import org.lens4j.viz.DirectionsView;
import org.lens4j.viz.GridView;
import org.lens4j.viz.NeuronView;
import org.lens4j.viz.PatchView;

/** How results that say more than one grid look in a notebook. */
final class AnalysisDisplays {
    private AnalysisDisplays() {}

    /** Adds them. */
    static Displays on(Displays displays) {
        return displays.with(LogitAttribution.class, it -> Renderings.bundle(BarsView.of(it)))
                .with(ResidualStack.class, it -> Renderings.bundle(GridView.of(norms(it))))
                .with(PatchResult.class, it -> Renderings.bundle(PatchView.of(it)))
                .with(PatchScores.class, it -> Renderings.bundle(PatchView.of(it)))
                .with(NeuronExamples.class, it -> Renderings.bundle(NeuronView.of(it)))
                .with(SingularDirections.class, it -> Renderings.bundle(DirectionsView.of(it)))
                .with(Interval.class, it -> Renderings.bundle(GridView.of(it.shown())))
                .with(EdgeAttribution.Scores.class, it -> Renderings.bundle(GridView.of(it.grid())));
    }

    /** Lengths, without the axis of sequences where there is one sequence. */
    private static Grid norms(ResidualStack stack) {
        Grid norms = stack.norms();
        return norms.axis("batch").size() == 1 ? norms.slice("batch", 0) : norms;
    }
}
