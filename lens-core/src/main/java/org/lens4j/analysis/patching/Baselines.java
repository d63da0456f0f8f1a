package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import java.util.Collections;
import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Scope;

/**
 * The prompts that are not patched.
 *
 * @param levels their metrics
 * @param cleanLast logits of the clean runs at the last token, {@code [prompt d_vocab]}
 */
record Baselines(Levels levels, NDArray cleanLast) {
    /**
     * Runs the prompts that are not patched.
     *
     * @param scope owns the clean logits
     * @param base the run that is patched, the clean one if corrupted activations go into it
     */
    static Baselines of(
            HookedTransformer model,
            PatchPairs pairs,
            List<PatchMetric> metrics,
            Scope scope,
            BaseRun base,
            boolean baseIsClean) {
        try (BaseRun other = BaseRun.of(model, baseIsClean ? pairs.corrupted() : pairs.clean())) {
            BaseRun clean = baseIsClean ? base : other;
            BaseRun corrupted = baseIsClean ? other : base;
            NDArray last = last(model, clean, scope);
            Levels levels = new Levels(
                    pairs.prompts(),
                    metrics,
                    new Readout(model, pairs.clean(), metrics, last).values(clean.residual(), 0),
                    new Readout(model, pairs.corrupted(), metrics, last).values(corrupted.residual(), 0));
            return new Baselines(levels, last);
        }
    }

    /** Those of a run beside which there is no corrupted one. */
    static Baselines alone(HookedTransformer model, BaseRun base, List<PatchMetric> metrics, Scope scope) {
        NDArray last = last(model, base, scope);
        List<float[]> clean = new Readout(model, base.tokens(), metrics, last).values(base.residual(), 0);
        Levels levels = new Levels(
                Axis.counted("prompt", base.tokens().batch()),
                metrics,
                clean,
                Collections.nCopies(metrics.size(), new float[0]));
        return new Baselines(levels, last);
    }

    private static NDArray last(HookedTransformer model, BaseRun clean, Scope scope) {
        return Readout.last(model, clean.tokens(), scope.alias(clean.residual()), 0, scope);
    }

    /** Of one metric, by prompt. */
    List<Baseline> of(int metric) {
        return levels.of(metric);
    }

    /** Puts what a sweep found on the metrics' scales. */
    PatchResult result(String site, Sweep.Found found) {
        return levels.result(site, found);
    }
}
