package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.RangeException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.Hooks;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Metric;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Axes;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/**
 * Attribution patching (Nanda, 2023): what activation patching would find, estimated for all patches of a site at once by the
 * gradient at the corrupted run times the way to the clean one: two forward passes and one back. With steps it is integrated
 * gradients (Sundararajan et al., 2017) along that way, layer by layer, whose sum over a layer is what patching all of it does.
 *
 * <pre>{@code
 * Grid estimate = AttributionPatch.of(model, pairs, PatchMetric.logitDifference(mary, john))
 *         .run(PatchSite.headOut())
 *         .grid();       // [layer head], on the scale of ActivationPatch's grid
 * }</pre>
 *
 * @param model stays with the caller
 * @param pairs clean and corrupted prompts
 * @param metric must be computed by operators that autograd records
 * @param steps on the way from the corrupted to the clean activation; 0 for the gradient at the corrupted one alone
 * @param listener told how far it is, layer by layer, and asked whether to go on
 */
public record AttributionPatch(
        HookedTransformer model, PatchPairs pairs, PatchMetric metric, int steps, PatchListener listener) {
    /** Refuses negative steps. */
    public AttributionPatch {
        if (steps < 0) {
            throw new RangeException(
                    "Gradients are to be integrated in %d steps. Give 1 or more, or 0 for the gradient at the corrupted run alone."
                            .formatted(steps));
        }
    }

    /** The gradient at the corrupted run alone. */
    public static AttributionPatch of(HookedTransformer model, PatchPairs pairs, PatchMetric metric) {
        return new AttributionPatch(model, pairs, metric, 0, PatchListener.none());
    }

    /** Integrated gradients in so many steps, each a run and its way back from every layer on. */
    public AttributionPatch withSteps(int count) {
        return new AttributionPatch(model, pairs, metric, count, listener);
    }

    /** Tells somebody how far it is. */
    public AttributionPatch withListener(PatchListener told) {
        return new AttributionPatch(model, pairs, metric, steps, told);
    }

    /**
     * Estimates every patch of a site. Stopped by the listener or an interrupt of its thread, which stays set, it gives the
     * layers it has.
     *
     * @return the metric after each patch, estimated, as {@link ActivationPatch#run} gives it
     * @throws org.lens4j.error.UsageException for a site with a setter of its own
     */
    public PatchResult run(PatchSite site) {
        return Sweep.telling(listener, () -> estimate(site));
    }

    private PatchResult estimate(PatchSite site) {
        Reduction reduction = Reduction.of(model, site);
        List<Axis> axes = Sweep.axes(model, pairs.corrupted(), site);
        int size = Sweep.size(axes);
        List<Integer> layers = site.layersOf(model.config().nLayers(), model.name());
        try (Scope scope = Scope.root();
                BaseRun base = BaseRun.of(model, pairs.corrupted());
                Source source = OtherRun.of(model, pairs.clean(), site)) {
            Baselines baselines = Baselines.of(model, pairs, List.of(metric), scope, base, false);
            float[] values = new float[pairs.size() * size];
            List<Baseline> unpatched = baselines.of(0);
            for (int i = 0; i < values.length; i++) {
                values[i] = unpatched.get(i / size).corrupted();
            }
            Gradients gradients = new Gradients(this, site, base, source, baselines.cleanLast());
            int each = size / layers.size();
            int done = gradients.each(layers, (at, products) -> {
                add(values, size, layers.size(), at, reduction.of(products));
                listener.at(new PatchProgress((at + 1) * each, size));
            });
            for (int i = 0; i < values.length; i++) {
                values[i] = i % size < done * each ? values[i] : Float.NaN;
            }
            PatchProgress progress = new PatchProgress(done * each, size);
            return baselines.result(
                    site.name() + " (estimated)", new Sweep.Found(axes, List.<float[]>of(values), progress));
        }
    }

    private boolean stops() {
        return listener.stops() || Thread.currentThread().isInterrupted();
    }

    private static void add(float[] values, int size, int layers, int at, float[] found) {
        int each = size / layers;
        for (int i = 0; i < found.length; i++) {
            values[i / each * size + at * each + i % each] += found[i];
        }
    }

    /** How gradients times differences of one layer become numbers of the grid. */
    private record Reduction(Axes axes, List<Integer> kept) {
        static Reduction of(HookedTransformer model, PatchSite site) {
            if (site.setter().isPresent()) {
                throw new UsageException(
                        "The patches of \"%s\" are written by a function, and a gradient knows only what stands at indices. Use PatchSite.slices."
                                .formatted(site.name()));
            }
            Axes axes = model.hooks()
                    .axes(new HookName(site.point(), 0), OtherRun.options(site).gates());
            List<Integer> kept = new ArrayList<>(List.of(0));
            site.axes().subList(1, site.axes().size()).forEach(it -> kept.add(it.in(axes)));
            return new Reduction(axes, kept);
        }

        /** {@code [prompt ..site's axes]}, row-major. */
        float[] of(NDArray products) {
            int[] summed = IntStream.range(0, axes.rank())
                    .filter(i -> !kept.contains(i))
                    .toArray();
            NDArray sum = summed.length == 0 ? products : products.sum(summed);
            List<Integer> left = kept.stream().sorted().toList();
            int[] order = kept.stream().mapToInt(left::indexOf).toArray();
            return sum.transpose(order).toFloatArray();
        }
    }

    /** Takes what was found at one layer. */
    @FunctionalInterface
    private interface Taking {
        void at(int index, NDArray products);
    }

    /** The gradients at a site times the way from the corrupted to the clean activation. */
    private record Gradients(AttributionPatch patch, PatchSite site, BaseRun base, Source source, NDArray cleanLast) {
        /** Gives how many layers there was time for. */
        int each(List<Integer> layers, Taking taking) {
            if (patch.steps == 0) {
                atCorrupted(layers, taking);
                return layers.size();
            }
            for (int i = 0; i < layers.size(); i++) {
                if (patch.stops()) {
                    return i;
                }
                along(layers.get(i), i, taking);
            }
            return layers.size();
        }

        private String name(int layer) {
            return new HookName(site.point(), layer).full();
        }

        private void atCorrupted(List<Integer> layers, Taking taking) {
            String[] names = layers.stream().map(this::name).toArray(String[]::new);
            RunOptions options = OtherRun.options(site)
                    .withMetric(PatchMetric.sum(patch.metric, cleanLast))
                    .withCached(names)
                    .withGradientsOf(names);
            try (Run run = patch.model.run(base.tokens(), options)) {
                for (int i = 0; i < names.length; i++) {
                    try (Scope inside = Scope.root()) {
                        NDArray gradient = run.cache().copy(names[i] + ActivationCache.GRADIENT, inside);
                        NDArray here = run.cache().copy(names[i], inside);
                        taking.at(
                                i,
                                gradient.mul(
                                        source.at(point(layers.get(i)), inside).sub(here)));
                    }
                }
            }
        }

        private HookName point(int layer) {
            return new HookName(site.point(), layer);
        }

        /** The midpoint rule. */
        private void along(int layer, int index, Taking taking) {
            int steps = patch.steps;
            try (Scope inside = Scope.root()) {
                float[] middles = new float[steps];
                for (int i = 0; i < steps; i++) {
                    middles[i] = (i + 0.5f) / steps;
                }
                NDArray shares = inside.floats(middles, new Shape(steps));
                NDArray from = activation(layer, inside);
                NDArray to = source.at(point(layer), inside);
                NDArray way = Autograd.recording(false, () -> Kernels.call("between", from, to, shares));
                Metric sum = PatchMetric.sum(patch.metric, cleanLast);
                RunOptions options = OtherRun.options(site)
                        .startAtLayer(layer, base.residual(layer, 0, steps, inside))
                        .withHooks(Hooks.none().edit(name(layer), (x, at) -> Kernels.call("in_place_of", x, way)))
                        .withMetric(sum)
                        .withGradientsOf(name(layer));
                try (Run run = patch.model.run(base.tokens(0, steps), options)) {
                    NDArray all = run.cache().copy(name(layer) + ActivationCache.GRADIENT, inside);
                    taking.at(index, Kernels.call("mean_of_shares", all, shares).mul(to.sub(from)));
                }
            }
        }

        /** The corrupted run's activation. */
        private NDArray activation(int layer, Scope inside) {
            RunOptions options = OtherRun.options(site)
                    .startAtLayer(layer, base.residual(layer, inside))
                    .stopAtLayer(layer + 1)
                    .withCached(name(layer));
            try (Run run = patch.model.run(base.tokens(), options)) {
                return run.cache().copy(name(layer), inside);
            }
        }
    }
}
