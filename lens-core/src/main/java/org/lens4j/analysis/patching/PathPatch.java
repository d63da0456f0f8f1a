package org.lens4j.analysis.patching;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.error.InterruptedRunException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookPoint;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * Path patching (Wang et al., 2022; Goldowsky-Dill et al., 2023): what a part of the model, the sender, does through the path
 * to some receivers alone. The sender writes what it does in the corrupted run, everything between it and the receivers is
 * frozen to the clean run, and the receivers' inputs that come of it are put into another clean run, where everything behind
 * the receivers is computed anew.
 *
 * <pre>{@code
 * Grid grid = PathPatch.of(model, pairs, metric).heads(Receiver.q(9, 9), Receiver.q(9, 6)).grid();     // [layer head]
 * }</pre>
 *
 * @param model stays with the caller
 * @param pairs clean and corrupted prompts
 * @param metrics computed of every path, at least one
 * @param throughMlps whether MLPs between sender and receivers are computed anew and not frozen, so that paths through them
 *     count, as in Wang et al.
 * @param denoising whether the sender writes what it does in the clean run, into the corrupted one
 * @param listener told how far it is, and asked whether to go on
 */
public record PathPatch(
        HookedTransformer model,
        PatchPairs pairs,
        List<PatchMetric> metrics,
        boolean throughMlps,
        boolean denoising,
        PatchListener listener) {
    /** Copies the metrics. */
    public PathPatch {
        metrics = List.copyOf(metrics);
    }

    /** Direct paths only, corrupted senders in clean runs. */
    public static PathPatch of(HookedTransformer model, PatchPairs pairs, PatchMetric... metrics) {
        return new PathPatch(model, pairs, List.of(metrics), false, false, PatchListener.none());
    }

    /** Paths through MLPs count too. */
    public PathPatch withMlpsBetween() {
        return new PathPatch(model, pairs, metrics, true, denoising, listener);
    }

    /** The other way: clean senders in corrupted runs. */
    public PathPatch withDenoising() {
        return new PathPatch(model, pairs, metrics, throughMlps, true, listener);
    }

    /** Tells somebody how far it is. */
    public PathPatch withListener(PatchListener told) {
        return new PathPatch(model, pairs, metrics, throughMlps, denoising, told);
    }

    /**
     * Every head as the sender, {@code [layer head]}; one that reaches no receiver changes nothing.
     *
     * @param receivers at least one; all at once
     * @throws UsageException if the model normalises what heads write before it is added
     */
    public PatchResult heads(Receiver... receivers) {
        EdgeNodes.requireSum(model);
        return run(PatchSite.slices("paths from heads", HookPoint.RESULT, PatchAxis.LAYER, PatchAxis.HEAD), receivers);
    }

    /** Every MLP as the sender, {@code [layer]}. */
    public PatchResult mlps(Receiver... receivers) {
        return run(PatchSite.slices("paths from MLPs", HookPoint.MLP_OUT, PatchAxis.LAYER), receivers);
    }

    private PatchResult run(PatchSite senders, Receiver... receivers) {
        return Sweep.telling(listener, () -> paths(senders, receivers));
    }

    private PatchResult paths(PatchSite senders, Receiver... receivers) {
        if (receivers.length == 0) {
            throw new UsageException(
                    "A path needs an end, and no receiver was given. Say Receiver.q(layer, head), mlp(layer) or logits().");
        }
        List<Receiver> ends = List.of(receivers);
        ends.forEach(it -> it.requireIn(model));
        Tokens patched = denoising ? pairs.corrupted() : pairs.clean();
        Tokens other = denoising ? pairs.clean() : pairs.corrupted();
        List<Axis> axes = Sweep.axes(model, patched, senders);
        return Autograd.recording(false, () -> {
            try (Scope scope = Scope.root();
                    BaseRun base = BaseRun.of(model, patched);
                    Source from = OtherRun.of(model, other, senders);
                    Source own = OtherRun.of(model, patched, senders)) {
                Baselines baselines = Baselines.of(model, pairs, metrics, scope, base, !denoising);
                Readout readout = new Readout(model, patched, metrics, baselines.cleanLast());
                Paths paths = new Paths(model, base, senders, ends, throughMlps);
                return baselines.result(senders.name(), sweep(paths, readout, from, own, axes));
            }
        });
    }

    private Sweep.Found sweep(Paths paths, Readout readout, Source from, Source own, List<Axis> axes) {
        int prompts = pairs.size();
        int size = Sweep.size(axes);
        int each = size / axes.get(0).size();
        List<float[]> values = IntStream.range(0, metrics.size())
                .mapToObj(i -> new float[prompts * size])
                .toList();
        values.forEach(it -> Arrays.fill(it, Float.NaN));
        Sweep.Pace pace = new Sweep.Pace(0, listener);
        int done = 0;
        for (int layer = 0; layer < axes.get(0).size() && !pace.stops(); layer++) {
            List<float[]> found = new ArrayList<>();
            int sender = layer;
            boolean whole = InterruptedRunException.completes(() -> {
                try (Scope scope = Scope.root()) {
                    found.addAll(readout.values(paths.residual(sender, from, own, scope), 0));
                }
            });
            if (!whole) {
                break;
            }
            for (int metric = 0; metric < found.size(); metric++) {
                for (int i = 0; i < each * prompts; i++) {
                    values.get(metric)[i % prompts * size + layer * each + i / prompts] = found.get(metric)[i];
                }
            }
            done += each;
            listener.at(new PatchProgress(done, size));
        }
        return new Sweep.Found(axes, values, new PatchProgress(done, size));
    }
}
