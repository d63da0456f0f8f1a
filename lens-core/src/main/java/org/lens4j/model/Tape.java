package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.InterruptedRunException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.Hooks;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Axes;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/**
 * The hook points a run passed and whose gradients are wanted, and the pass back through them. Autograd gives the gradient of
 * recorded tensors directly, so one pass back serves all of them; only where a function may change a gradient the graph is
 * cut, and what comes out of the function is sent on from there.
 */
final class Tape {
    private final Scope scope;
    private final Optional<PosSlice> posSlice;
    private final List<Entry> entries = new ArrayList<>();

    /**
     * One point that was passed.
     *
     * @param name which
     * @param axes of its tensor in this run
     * @param node what the rest of the run was computed from
     * @param before the other side of a cut; empty where there is none
     * @param actions what to do with the gradient
     * @param cached whether the gradient is kept
     */
    private record Entry(
            HookName name,
            Axes axes,
            NDArray node,
            Optional<NDArray> before,
            List<Hooks.Action> actions,
            boolean cached) {}

    /**
     * An empty tape.
     *
     * @param scope owns handles and gradients; open until the pass back is done
     * @param posSlice which positions of gradients are kept
     */
    Tape(Scope scope, Optional<PosSlice> posSlice) {
        this.scope = scope;
        this.posSlice = posSlice;
    }

    /**
     * Makes sure autograd records what is computed from an activation: the first ones of a run become the graph's leaves.
     *
     * @return the activation itself, or a leaf in its place with the same owner
     */
    NDArray tracked(NDArray activation) {
        if (activation.getDataType() != DataType.FLOAT32 || Autograd.isRecorded(activation)) {
            return activation;
        }
        NDArray leaf = activation.stopGradient();
        Autograd.track(leaf);
        return leaf;
    }

    /**
     * Notes a point.
     *
     * @param axes of the activation
     * @param activation after every edit; where an edit put a constant there, it becomes a leaf
     * @param actions what to do with its gradient
     * @param cached whether its gradient is kept
     * @return what the run goes on with, with the same owner
     */
    NDArray pass(HookName name, Axes axes, NDArray activation, List<Hooks.Action> actions, boolean cached) {
        boolean edits = actions.stream().anyMatch(Hooks.Action.EditGradient.class::isInstance);
        // Others may read the same activation past this point, and their gradient is not this point's.
        NDArray onward = Kernels.call("branch", tracked(activation));
        Optional<NDArray> before = Optional.empty();
        if (edits) {
            before = Optional.of(scope.handle(onward));
            onward = onward.stopGradient();
            Autograd.track(onward);
        }
        entries.add(new Entry(name, axes, scope.handle(onward), before, List.copyOf(actions), cached));
        return onward;
    }

    /**
     * Goes back from a number.
     *
     * @param metric rank 0, recorded
     * @param parameters leaves whose gradients are wanted, by name
     * @param cache gets gradients that are kept, under {@code NAME_grad}
     * @return the parameters' gradients, like them, owned by the metric's manager
     */
    Map<String, NDArray> back(NDArray metric, Map<String, NDArray> parameters, ActivationCache cache) {
        Sums sums = new Sums(entries, parameters);
        sums.add(metric, scope.constant(1, metric.getShape()), entries.size());
        for (int i = entries.size() - 1; i >= 0; i--) {
            Entry entry = entries.get(i);
            InterruptedRunException.stopIfInterrupted("on the way back, at " + entry.name());
            NDArray gradient = sums.of(i);
            for (Hooks.Action action : entry.actions()) {
                gradient = HookCalls.onGradient(entry.name(), entry.axes(), action, gradient);
            }
            if (entry.cached()) {
                NDArray whole = gradient;
                cache.keepGradient(
                        entry.name(),
                        posSlice.map(it -> it.of(whole, entry.axes())).orElse(whole));
            }
            if (entry.before().isPresent()) {
                sums.add(entry.before().get(), gradient, i);
            }
        }
        return sums.ofParameters();
    }

    /** The gradients so far: of every entry, and of the parameters. */
    private static final class Sums {
        private final List<Entry> entries;
        private final Map<String, NDArray> parameters;
        private final List<Optional<NDArray>> sums = new ArrayList<>();

        Sums(List<Entry> entries, Map<String, NDArray> parameters) {
            this.entries = entries;
            this.parameters = parameters;
            for (int i = 0; i < entries.size() + parameters.size(); i++) {
                sums.add(Optional.empty());
            }
        }

        /** Adds what a tensor's gradient makes of the entries before one, and of the parameters. */
        void add(NDArray from, NDArray gradient, int before) {
            NDList inputs = new NDList();
            entries.subList(0, before).forEach(entry -> inputs.add(entry.node()));
            inputs.addAll(parameters.values());
            if (inputs.isEmpty() || !Autograd.isRecorded(from)) {
                return;
            }
            NDList found = Kernels.gradients(from, gradient, inputs);
            for (int i = 0; i < found.size(); i++) {
                int place = i < before ? i : entries.size() + i - before;
                NDArray part = found.get(i);
                sums.set(
                        place,
                        Optional.of(sums.get(place).map(sum -> sum.add(part)).orElse(part)));
            }
        }

        NDArray of(int entry) {
            return sums.get(entry).orElseGet(() -> entries.get(entry).node().zerosLike());
        }

        Map<String, NDArray> ofParameters() {
            Map<String, NDArray> gradients = new LinkedHashMap<>();
            int place = entries.size();
            for (Map.Entry<String, NDArray> parameter : parameters.entrySet()) {
                gradients.put(
                        parameter.getKey(),
                        sums.get(place++).orElseGet(() -> parameter.getValue().zerosLike()));
            }
            return gradients;
        }
    }
}
