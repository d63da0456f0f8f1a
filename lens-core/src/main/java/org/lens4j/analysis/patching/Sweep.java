package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.error.InterruptedRunException;
import org.lens4j.hook.HookName;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Axes;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * All patches of a site, wave by wave.
 *
 * @param readout model, tokens and metrics
 * @param base the run that is patched
 * @param source what is written into it
 * @param site where
 * @param pace how many rows, and who is told
 */
record Sweep(Readout readout, BaseRun base, Source source, PatchSite site, Pace pace) {
    /**
     * How a sweep goes on.
     *
     * @param rows most rows of a batch; 0 to choose
     * @param listener told and asked
     */
    record Pace(int rows, PatchListener listener) {
        /** Whether it is to end. */
        boolean stops() {
            return listener.stops() || Thread.currentThread().isInterrupted();
        }
    }

    /**
     * What came out.
     *
     * @param axes of the site
     * @param values by metric {@code [prompt ..]}, then the axes, as the metrics gave them; NaN where a patch was not made
     * @param progress how far it came
     */
    record Found(List<Axis> axes, List<float[]> values, PatchProgress progress) {}

    /** Work whose listener is told when it begins and when it ends. */
    static <T> T telling(PatchListener listener, Supplier<T> work) {
        listener.began();
        try {
            return work.get();
        } finally {
            listener.ended();
        }
    }

    /** How many patches a grid of these axes has. */
    static int size(List<Axis> axes) {
        return axes.stream().mapToInt(Axis::size).reduce(1, Math::multiplyExact);
    }

    Found run() {
        List<Axis> axes = axes();
        List<Patch> patches = patches(axes);
        int prompts = readout.tokens().batch();
        float[][] values = new float[readout.metrics().size()][prompts * patches.size()];
        Arrays.stream(values).forEach(it -> Arrays.fill(it, Float.NaN));
        PatchPlan plan = PatchPlan.of(
                patches, new PatchPlan.Frame(model().config(), readout.tokens().pos(), prompts, pace.rows()));
        int done = 0;
        for (PatchPlan.Planned planned : plan.waves()) {
            if (pace.stops() || !wave(planned, values, patches.size())) {
                break;
            }
            done += planned.patches().size();
            pace.listener().at(new PatchProgress(done, patches.size()));
        }
        return new Found(axes, List.of(values), new PatchProgress(done, patches.size()));
    }

    private HookedTransformer model() {
        return readout.model();
    }

    private boolean wave(PatchPlan.Planned planned, float[][] values, int size) {
        boolean[] whole = {false};
        return InterruptedRunException.completes(() -> whole[0] = uninterrupted(planned, values, size)) && whole[0];
    }

    private boolean uninterrupted(PatchPlan.Planned planned, float[][] values, int size) {
        return Autograd.recording(false, () -> {
            try (Scope scope = Scope.root()) {
                Wave wave = new Wave(model(), base, source, site, planned);
                Optional<NDArray> residual = wave.residual(scope, pace::stops);
                residual.ifPresent(it -> keep(readout.values(it, planned.start()), planned, values, size));
                return residual.isPresent();
            }
        });
    }

    private void keep(List<float[]> found, PatchPlan.Planned planned, float[][] values, int size) {
        int prompts = readout.tokens().batch();
        for (int metric = 0; metric < found.size(); metric++) {
            for (int i = 0; i < planned.patches().size(); i++) {
                for (int prompt = 0; prompt < prompts; prompt++) {
                    values[metric][prompt * size + planned.patches().get(i).flat()] =
                            found.get(metric)[i * prompts + prompt];
                }
            }
        }
    }

    private List<Axis> axes() {
        return axes(model(), readout.tokens(), site);
    }

    /** The axes of a site's grid. */
    static List<Axis> axes(HookedTransformer model, Tokens tokens, PatchSite site) {
        List<Integer> layers = site.layersOf(model.config().nLayers(), model.name());
        HookName first = model.hooks().named(new HookName(site.point(), layers.get(0)).full());
        Axes tensor = model.hooks().axes(first, OtherRun.options(site).gates());
        List<Axis> axes = new ArrayList<>();
        for (PatchAxis axis : site.axes()) {
            axes.add(
                    switch (axis) {
                        case LAYER ->
                            new Axis(
                                    axis.label(),
                                    layers.stream().map(String::valueOf).toList());
                        case POS, QUERY_POS, KEY_POS -> PatchPairs.positions(axis.label(), tokens);
                        case HEAD ->
                            Axis.counted(
                                    axis.label(),
                                    tensor.indexOf("kv_head") >= 0
                                            ? model.config().nKvHeads()
                                            : model.config().nHeads());
                        case NEURON -> Axis.counted(axis.label(), model.config().dMlp());
                    });
        }
        return axes;
    }

    private List<Patch> patches(List<Axis> axes) {
        List<Integer> layers = site.layersOf(model().config().nLayers(), model().name());
        boolean whole = readout.looksEverywhere()
                || !model().config().attention().causal()
                || model().hasAttachments()
                || !Wave.canBeginLater(site);
        int when = IntStream.range(0, site.axes().size())
                .filter(i -> site.axes().get(i).saysWhen())
                .findFirst()
                .orElse(0);
        // A prompt that ended before a patch still has to be read at its last token.
        int latest = IntStream.range(0, readout.tokens().batch())
                .map(prompt -> PatchPairs.last(readout.tokens(), prompt))
                .min()
                .orElse(0);
        int size = size(axes);
        List<Patch> patches = new ArrayList<>(size);
        for (int flat = 0; flat < size; flat++) {
            Integer[] index = new Integer[axes.size()];
            int rest = flat;
            for (int i = index.length - 1; i >= 0; i--) {
                index[i] = rest % axes.get(i).size();
                rest /= axes.get(i).size();
            }
            index[0] = layers.get(index[0]);
            patches.add(new Patch(List.of(index), flat, whole ? 0 : Math.min(latest, index[when])));
        }
        return patches;
    }
}
