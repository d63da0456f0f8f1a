package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import org.lens4j.cache.ActivationCache;
import org.lens4j.hook.HookName;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * Activations of another run.
 *
 * @param cache owned
 */
record OtherRun(ActivationCache cache) implements Source {
    /** Runs it, and keeps what a site patches. */
    static OtherRun of(HookedTransformer model, Tokens tokens, PatchSite site) {
        RunOptions options = options(site);
        for (int layer : site.layersOf(model.config().nLayers(), model.name())) {
            options = options.withCached(model.hooks()
                    .named(new HookName(site.point(), layer).full())
                    .full());
        }
        return new OtherRun(model.cache(tokens, options));
    }

    /** Options with the switch a site's point needs. */
    static RunOptions options(PatchSite site) {
        return site.point().gate().map(RunOptions.defaults()::with).orElseGet(RunOptions::defaults);
    }

    @Override
    public NDArray at(HookName point, Scope scope) {
        return cache.copy(point.full(), scope);
    }

    @Override
    public void close() {
        cache.close();
    }
}
