package org.lens4j.viz;

import org.lens4j.analysis.patching.PatchResult;

/**
 * What a patching sweep found: a heat map over the patched places, with the tokens on the axis of positions and the clean and
 * the corrupted run's own numbers beside it.
 *
 * <pre>{@code
 * Rendering shown = PatchView.of(ActivationPatch.sweep(..));
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
        return GridView.of(result.grid(metric));
    }
}
