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
 * @param metrics at least one, each a run and a way back of its own; computed by operators that autograd records
 * @param steps on the way from the corrupted to the clean activation; 0 for the gradient at the corrupted one alone
 * @param listener told how far it is, layer by layer, and asked whether to go on
 */
public record AttributionPatch(
        HookedTransformer model, PatchPairs pairs, List<PatchMetric> metrics, int steps, PatchListener listener)
        implements Patching {
    /** Copies the metrics, and refuses negative steps. */
    public AttributionPatch {
        metrics = List.copyOf(metrics);
        if (metrics.isEmpty()) {
            throw new RangeException("Patches are to be estimated by 0 metrics. Give at least one.");
        }
        if (steps < 0) {
            throw new RangeException(
                    "Gradients are to be integrated in %d steps. Give 1 or more, or 0 for the gradient at the corrupted run alone."
                            .formatted(steps));
        }
    }

    /**
     * The gradient at the corrupted run alone.
     *
     * @param metrics estimated one after the other, at least one
     */
    public static AttributionPatch of(HookedTransformer model, PatchPairs pairs, PatchMetric... metrics) {
        return new AttributionPatch(model, pairs, List.of(metrics), 0, PatchListener.none());
    }

    /** Integrated gradients in so many steps, each a run and its way back from every layer on. */
    public AttributionPatch withSteps(int count) {
        return new AttributionPatch(model, pairs, metrics, count, listener);
    }

    @Override
    public AttributionPatch withListener(PatchListener told) {
        return new AttributionPatch(model, pairs, metrics, steps, told);
    }

    /**
     * Estimates every patch of a site. Stopped by the listener or an interrupt of its thread, which stays set, it gives the
     * layers it has.
     *
     * @return the metrics after each patch, estimated, as {@link ActivationPatch#run} gives them
     * @throws org.lens4j.error.UsageException for a site with a setter of its own
     */
    @Override
    public PatchResult run(PatchSite site) {
        return Sweep.telling(listener, () -> measured(site).result());
    }

    /** {@link #run}, before it is put on the metrics' scales. */
    Measured measured(PatchSite site) {
        Reduction reduction = Reduction.of(model, site);
        List<Axis> axes = Sweep.axes(model, pairs.corrupted(), site);
        int size = Sweep.size(axes);
        try (Scope scope = Scope.root();
                BaseRun base = BaseRun.of(model, pairs.corrupted());
                Source source = OtherRun.of(model, pairs.clean(), site)) {
            Baselines baselines = Baselines.of(model, pairs, metrics, scope, base, false);
            Gradients gradients = new Gradients(this, site, base, source, baselines.cleanLast());
            List<float[]> values = new ArrayList<>();
            int done = 0;
            for (int metric = 0; metric < metrics.size(); metric++) {
                Estimate estimate = new Estimate(metric, size, baselines.of(metric));
                done += estimate.by(gradients, reduction, this);
                values.add(estimate.values);
            }
            PatchProgress progress = new PatchProgress(done, size * metrics.size());
            return new Measured(
                    site.name() + " (estimated)", baselines.levels(), new Sweep.Found(axes, values, progress));
        }
    }

    /** The patches of one metric, {@code [prompt ..site's axes]}. */
    private static final class Estimate {
        private final int metric;
        private final int size;
        private final float[] values;

        Estimate(int metric, int size, List<Baseline> unpatched) {
            this.metric = metric;
            this.size = size;
            this.values = new float[unpatched.size() * size];
            for (int i = 0; i < values.length; i++) {
                values[i] = unpatched.get(i / size).corrupted();
            }
        }

        /** Gives how many patches there was time for; the others are NaN. */
        int by(Gradients gradients, Reduction reduction, AttributionPatch patch) {
            List<Integer> layers = gradients.layers();
            int each = size / layers.size();
            int done = each
                    * gradients.each(patch.metrics.get(metric), (at, products) -> {
                        add(layers.size(), at, reduction.of(products));
                        patch.listener.at(
                                new PatchProgress(metric * size + (at + 1) * each, size * patch.metrics.size()));
                    });
            for (int i = 0; i < values.length; i++) {
                values[i] = i % size < done ? values[i] : Float.NaN;
            }
            return done;
        }

        private void add(int layers, int at, float[] found) {
            int each = size / layers;
            for (int i = 0; i < found.length; i++) {
                values[i / each * size + at * each + i % each] += found[i];
            }
        }
    }

    private boolean stops() {
        return listener.stops() || Thread.currentThread().isInterrupted();
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
        List<Integer> layers() {
            return site.layersOf(patch.model.config().nLayers(), patch.model.name());
        }

        /** Gives how many layers there was time for. */
        int each(PatchMetric metric, Taking taking) {
            List<Integer> layers = layers();
            Metric sum = PatchMetric.sum(metric, cleanLast);
            if (patch.steps == 0) {
                if (patch.stops()) {
                    return 0;
                }
                atCorrupted(layers, sum, taking);
                return layers.size();
            }
            for (int i = 0; i < layers.size(); i++) {
                if (patch.stops()) {
                    return i;
                }
                along(layers.get(i), i, sum, taking);
            }
            return layers.size();
        }

        private String name(int layer) {
            return new HookName(site.point(), layer).full();
        }

        private void atCorrupted(List<Integer> layers, Metric sum, Taking taking) {
            String[] names = layers.stream().map(this::name).toArray(String[]::new);
            RunOptions options =
                    OtherRun.options(site).withMetric(sum).withCached(names).withGradientsOf(names);
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
        private void along(int layer, int index, Metric sum, Taking taking) {
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
