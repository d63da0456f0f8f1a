package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import org.lens4j.cache.ActivationCache;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * What passing a hook point costs when nothing is attached to it.
 *
 * @param quiet nanoseconds for each point of a run without any function or cached activation
 * @param beside nanoseconds for each point where another one is cached
 */
public record HookCost(double quiet, double beside) {
    private static final int PASSES = 200_000;
    private static final int WARM_UP = 5;

    /** Measures it: the same call the components make, on a tensor that is there. */
    public static HookCost of(HookedTransformer model) {
        RunOptions one = RunOptions.defaults().withCached("hook_embed");
        try (Scope scope = Scope.root();
                ActivationCache cache = new ActivationCache(
                        Scope.root(), Tokens.of(new long[] {0}), model.hooks(), one.gates(), one.keeping())) {
            NDArray activation = scope.zeros(new Shape(1, 1, 1));
            return new HookCost(
                    time(HookDispatch.none(model.hooks()), activation),
                    time(HookDispatch.of(model.hooks(), one, cache, Optional.empty()), activation));
        }
    }

    private static double time(HookDispatch hooks, NDArray activation) {
        double fastest = Double.MAX_VALUE;
        for (int round = 0; round < WARM_UP; round++) {
            long start = System.nanoTime();
            for (int pass = 0; pass < PASSES; pass++) {
                NDArray through = hooks.at(HookPoint.RESID_POST, pass & 7, activation);
                if (through != activation) {
                    throw new IllegalStateException(new HookName(HookPoint.RESID_POST, pass & 7)
                            + " gave another tensor, and nothing is there.");
                }
            }
            fastest = Math.min(fastest, (System.nanoTime() - start) / (double) PASSES);
        }
        return fastest;
    }
}
