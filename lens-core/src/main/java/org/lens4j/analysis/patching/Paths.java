package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.lens4j.cache.ActivationCache;
import org.lens4j.config.Mlp;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.hook.Hooks;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/**
 * The two runs of path patching, for all senders of one layer as rows of a batch.
 *
 * @param model which
 * @param base the run that is patched
 * @param senders heads' results or MLPs' outputs
 * @param receivers what the paths end at
 * @param throughMlps whether MLPs between are computed anew
 */
record Paths(HookedTransformer model, BaseRun base, PatchSite senders, List<Receiver> receivers, boolean throughMlps) {
    /**
     * The residual stream after the last block, for each sender of a layer.
     *
     * @param from what senders write instead
     * @param own what they write in the base run
     * @param scope owns the result
     * @return {@code [sender·prompt pos d_model]}
     */
    NDArray residual(int layer, Source from, Source own, Scope scope) {
        boolean mlp = senders.point() == HookPoint.MLP_OUT;
        List<Receiver> reached = receivers.stream()
                .filter(it -> it.isAfter(layer, mlp, model.config()))
                .toList();
        int rows = mlp ? 1 : model.config().nHeads();
        int nLayers = model.config().nLayers();
        if (reached.isEmpty()) {
            return base.residual(nLayers, 0, rows, scope);
        }
        NDArray difference = difference(new HookName(senders.point(), layer), from, own, scope);
        Map<Receiver, NDArray> arriving =
                throughMlps ? computed(layer, difference, reached, rows, scope) : direct(difference, reached);
        int first = reached.stream()
                .mapToInt(it -> it.layerIn(model.config()))
                .min()
                .orElse(nLayers);
        NDArray last = first == nLayers ? base.residual(nLayers, 0, rows, scope) : behind(first, arriving, rows, scope);
        reached.stream()
                .filter(Receiver::isLogits)
                .forEach(it -> Kernels.inPlace("add_in_place", last, Objects.requireNonNull(arriving.get(it))));
        return last;
    }

    /** What the senders write less what they wrote, {@code [sender·prompt pos d_model]}. */
    private NDArray difference(HookName name, Source from, Source own, Scope scope) {
        NDArray all = from.at(name, scope).sub(own.at(name, scope));
        return all.getShape().dimension() == 4
                ? all.transpose(2, 0, 1, 3)
                        .reshape(-1, all.getShape().get(1), all.getShape().get(3))
                : all;
    }

    private static Map<Receiver, NDArray> direct(NDArray difference, List<Receiver> reached) {
        Map<Receiver, NDArray> arriving = new LinkedHashMap<>();
        reached.forEach(it -> arriving.put(it, difference));
        return arriving;
    }

    /** With the attention of every block frozen, and MLPs computed. */
    private Map<Receiver, NDArray> computed(
            int layer, NDArray difference, List<Receiver> reached, int rows, Scope scope) {
        boolean mlp = senders.point() == HookPoint.MLP_OUT;
        int nLayers = model.config().nLayers();
        RunOptions options = mlpInputs()
                .startAtLayer(layer, base.residual(layer, 0, rows, scope))
                .stopAtLayer(nLayers);
        for (Receiver it : reached) {
            options = it.isLogits() ? options : options.withCached(read(it));
        }
        try (ActivationCache usual = usual(layer, reached);
                Run run = model.run(
                        base.tokens(0, rows), options.withHooks(frozen(layer, mlp, difference, usual, rows, scope)))) {
            Map<Receiver, NDArray> arriving = new LinkedHashMap<>();
            for (Receiver it : reached) {
                NDArray now =
                        it.isLogits() ? scope.copy(run.residual()) : run.cache().copy(read(it), scope);
                NDArray before = it.isLogits()
                        ? base.residual(nLayers, 0, rows, scope)
                        : repeated(usual.copy(read(it), scope), rows, scope);
                arriving.put(it, now.sub(before));
            }
            return arriving;
        }
    }

    /** Where a receiver reads, before copies for heads. */
    private static String read(Receiver receiver) {
        HookPoint point = receiver.point() == HookPoint.MLP_IN ? HookPoint.MLP_IN : HookPoint.RESID_PRE;
        return new HookName(point, receiver.layer()).full();
    }

    private RunOptions mlpInputs() {
        return model.config().mlp() instanceof Mlp.None
                ? RunOptions.defaults()
                : RunOptions.defaults().withMlpIn();
    }

    /** The base run's attention outputs and receivers' inputs. */
    private ActivationCache usual(int layer, List<Receiver> reached) {
        RunOptions options = mlpInputs();
        for (int i = layer; i < model.config().nLayers(); i++) {
            options = options.withCached(new HookName(HookPoint.ATTN_OUT, i).full());
        }
        for (Receiver it : reached) {
            options = it.isLogits() ? options : options.withCached(read(it));
        }
        return model.cache(base.tokens(), options);
    }

    private Hooks frozen(int layer, boolean mlp, NDArray difference, ActivationCache usual, int rows, Scope scope) {
        Hooks hooks = Hooks.none();
        for (int i = layer; i < model.config().nLayers(); i++) {
            String name = new HookName(HookPoint.ATTN_OUT, i).full();
            NDArray frozen = repeated(usual.copy(name, scope), rows, scope);
            NDArray written = i == layer && !mlp ? frozen.add(difference) : frozen;
            hooks = hooks.change(name, (x, at) -> Kernels.inPlace("copy_in_place", x, written));
        }
        return mlp
                ? hooks.change(
                        new HookName(HookPoint.MLP_OUT, layer).full(),
                        (x, at) -> Kernels.inPlace("add_in_place", x, difference))
                : hooks;
    }

    private static NDArray repeated(NDArray x, int times, Scope scope) {
        return Kernels.call("repeat_batch", x, scope.scalar((long) times));
    }

    /** The base run from the first receiver on, with what arrives added to what receivers read. */
    private NDArray behind(int first, Map<Receiver, NDArray> arriving, int rows, Scope scope) {
        int nLayers = model.config().nLayers();
        Hooks hooks = Hooks.none();
        for (Map.Entry<Receiver, NDArray> each : arriving.entrySet()) {
            Receiver receiver = each.getKey();
            if (!receiver.isLogits()) {
                hooks = hooks.change(
                        new HookName(receiver.point(), receiver.layer()).full(),
                        (x, at) -> add(x, receiver, each.getValue()));
            }
        }
        RunOptions options = mlpInputs()
                .withSplitQkvInput()
                .withHooks(hooks)
                .startAtLayer(first, base.residual(first, 0, rows, scope))
                .stopAtLayer(nLayers);
        try (Run run = model.run(base.tokens(0, rows), options)) {
            return scope.adopt(run.residual());
        }
    }

    private static void add(NDArray x, Receiver receiver, NDArray arriving) {
        if (receiver.head().isEmpty()) {
            Kernels.inPlace("add_in_place", x, arriving);
            return;
        }
        try (Scope inside = Scope.root()) {
            NDArray own = Kernels.call("selected", inside.alias(x), inside.scalar(2L), inside.scalar((long)
                    receiver.head().getAsInt()));
            Kernels.inPlace("add_in_place", own, arriving);
        }
    }
}
