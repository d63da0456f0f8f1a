package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.hook.Hooks;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.KvCache;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Axes;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/**
 * Patches of several layers as rows of one batch that grows on its way up: before each block the rows that are patched there
 * join it, with the residual stream of the run without patches, so that no block is computed for a row before it is patched.
 *
 * @param model which
 * @param base the run that is patched
 * @param source what is written into it
 * @param site where
 * @param planned the patches
 */
record Wave(HookedTransformer model, BaseRun base, Source source, PatchSite site, PatchPlan.Planned planned) {
    private int prompts() {
        return base.tokens().batch();
    }

    /**
     * Runs it to the last block's end.
     *
     * @param scope owns the result
     * @param stops asked before every block
     * @return {@code [patch·prompt pos d_model]} from the wave's position on; empty if it was stopped
     */
    Optional<NDArray> residual(Scope scope, BooleanSupplier stops) {
        List<Patch> patches = planned.patches();
        Optional<NDArray> current = Optional.empty();
        int joined = 0;
        for (int layer = patches.get(0).layer(); layer < model.config().nLayers(); layer++) {
            if (stops.getAsBoolean()) {
                return Optional.empty();
            }
            int end = joined;
            while (end < patches.size() && patches.get(end).layer() == layer) {
                end++;
            }
            NDArray next = block(layer, current, joined, end, scope);
            current.ifPresent(NDArray::close);
            current = Optional.of(next);
            joined = end;
        }
        return current;
    }

    private NDArray block(int layer, Optional<NDArray> before, int joined, int end, Scope scope) {
        int start = planned.start();
        try (Scope inside = new Scope(scope)) {
            NDArray entering = end == joined
                    ? before.orElseThrow()
                    : joined(before, base.residual(layer, start, end - joined, inside));
            RunOptions plain =
                    OtherRun.options(site).startAtLayer(layer, entering).stopAtLayer(layer + 1);
            RunOptions options =
                    end == joined ? plain : plain.withHooks(writing(layer, planned.patches(), joined, end, inside));
            if (start == 0) {
                return run(options, end, scope);
            }
            try (KvCache past = base.past(layer, start, end)) {
                return run(options.withPast(past), end, scope);
            }
        }
    }

    private NDArray run(RunOptions options, int patches, Scope scope) {
        try (Run run = model.run(base.tokens(planned.start(), patches), options)) {
            return scope.adopt(run.residual());
        }
    }

    private static NDArray joined(Optional<NDArray> before, NDArray joining) {
        return before.map(it -> Kernels.call("join_rows", joining, it, joining)).orElse(joining);
    }

    private Hooks writing(int layer, List<Patch> patches, int from, int end, Scope scope) {
        HookName name = new HookName(site.point(), layer);
        Axes axes = model.hooks().axes(name, OtherRun.options(site).gates());
        NDArray written = SliceWriter.from(planned.start(), source.at(name, scope), axes);
        SliceWriter slices = new SliceWriter(site.axes(), axes, planned.start());
        return Hooks.none().change(name.full(), (activation, at) -> {
            for (int i = from; i < end; i++) {
                site.write(activation, written, i * prompts(), patches.get(i).indices(), slices);
            }
        });
    }

    /** Whether a site's activations know positions that a shorter run shifts. */
    static boolean canBeginLater(PatchSite site) {
        return site.setter().isEmpty()
                && site.axes().stream().anyMatch(PatchAxis::saysWhen)
                && site.point() != HookPoint.ROT_K;
    }
}
