package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.InterruptedRunException;
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
    /** Steps of one run, whose activations are in memory together and which no interrupt ends half way. */
    private static final int TOGETHER = 32;

    /** What the site of a result is called behind its own name, where one gradient gave it. */
    static final String ESTIMATED = " (estimated)";

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
                    site.name() + (steps == 0 ? ESTIMATED : " (estimated in %d steps)".formatted(steps)),
                    baselines.levels(),
                    new Sweep.Found(axes, values, progress));
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
            int runs = layers.size() * gradients.runsOfLayer();
            int[] ran = {0};
            int done = size
                    / layers.size()
                    * gradients.each(patch.metrics.get(metric), (at, products) -> {
                        add(layers.size(), at, reduction.of(products));
                        ran[0]++;
                        int estimated = (int) ((long) size * ran[0] / runs);
                        patch.listener.at(new PatchProgress(metric * size + estimated, size * patch.metrics.size()));
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

        /** How many runs the way of one layer is divided among. */
        int runsOfLayer() {
            return Math.max(1, (patch.steps + TOGETHER - 1) / TOGETHER);
        }

        /** Gives how many layers there was time for. */
        int each(PatchMetric metric, Taking taking) {
            List<Integer> layers = layers();
            Metric sum = PatchMetric.sum(metric, cleanLast);
            if (patch.steps == 0) {
                if (patch.stops()) {
                    return 0;
                }
                return InterruptedRunException.completes(() -> atCorrupted(layers, sum, taking)) ? layers.size() : 0;
            }
            for (int i = 0; i < layers.size(); i++) {
                for (int first = 0; first < patch.steps; first += TOGETHER) {
                    if (patch.stops()) {
                        return i;
                    }
                    int layer = layers.get(i);
                    int index = i;
                    int from = first;
                    if (!InterruptedRunException.completes(() -> along(layer, index, from, sum, taking))) {
                        return i;
                    }
                }
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

        /** The midpoint rule, of the steps from the first on that are run together. */
        private void along(int layer, int index, int first, Metric sum, Taking taking) {
            int steps = Math.min(TOGETHER, patch.steps - first);
            try (Scope inside = Scope.root()) {
                float[] middles = new float[steps];
                for (int i = 0; i < steps; i++) {
                    middles[i] = (first + i + 0.5f) / patch.steps;
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
                    NDArray gradient = Kernels.call("part_of_mean", all, shares, inside.scalar((long) patch.steps));
                    taking.at(index, gradient.mul(to.sub(from)));
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
