package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.Glob;
import org.lens4j.error.UsageException;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.hook.Hooks;
import org.lens4j.hook.Pick;
import org.lens4j.hook.Stack;
import org.lens4j.tensor.Axes;

/** The functions and cache entries of one run, looked up by point and layer. Built and checked before anything runs. */
final class HookDispatch {
    private final HookCatalogue catalogue;
    private final Set<Gate> gates;
    private final Stack stack;
    private final Map<HookName, Station> stations;
    private final Optional<Tape> tape;
    private final Optional<PosSlice> posSlice;
    private final boolean explicit;

    /** One hook point of this run: what is called there, and whether it is kept. */
    private static final class Station {
        private final HookName name;
        private final List<Hooks.Action> actions = new ArrayList<>();
        private final List<Hooks.Action> backward = new ArrayList<>();
        private Optional<ActivationCache> cache = Optional.empty();
        private boolean gradientKept;
        private boolean fired;

        Station(HookName name) {
            this.name = name;
        }

        boolean isChanged() {
            return hasBackward() || actions.stream().anyMatch(Hooks.Action.Edit.class::isInstance);
        }

        boolean hasBackward() {
            return gradientKept || !backward.isEmpty();
        }
    }

    private HookDispatch(
            HookCatalogue catalogue,
            Set<Gate> gates,
            Stack stack,
            Map<HookName, Station> stations,
            Optional<Tape> tape,
            Optional<PosSlice> posSlice,
            boolean explicit) {
        this.catalogue = catalogue;
        this.gates = gates;
        this.stack = stack;
        this.stations = stations;
        this.tape = tape;
        this.posSlice = posSlice;
        this.explicit = explicit;
    }

    /** The same functions and entries for components of another stack: their points are looked up there. */
    HookDispatch in(Stack other) {
        return new HookDispatch(catalogue, gates, other, stations, tape, posSlice, explicit);
    }

    /** No function anywhere, nothing kept. */
    static HookDispatch none(HookCatalogue catalogue) {
        return new HookDispatch(catalogue, Set.of(), Stack.BLOCKS, Map.of(), Optional.empty(), Optional.empty(), false);
    }

    /**
     * Looks every name up.
     *
     * @param cache gets what the options ask to keep
     * @throws org.lens4j.error.UnknownNameException for a name the model does not have
     * @throws org.lens4j.error.UsageException for a point whose switch is off
     */
    static HookDispatch of(HookCatalogue catalogue, RunOptions options, ActivationCache cache, Optional<Tape> tape) {
        HookDispatch dispatch = new HookDispatch(
                catalogue,
                options.gates(),
                Stack.BLOCKS,
                new HashMap<>(),
                tape,
                options.posSlice(),
                options.gradients());
        for (Hooks.Attached attached : options.hooks().attached()) {
            for (HookName name : dispatch.resolve(List.of(attached.pick()))) {
                Station station = dispatch.station(name);
                if (attached.action().isBackward()) {
                    dispatch.requireGradient(name, attached.pick());
                    station.backward.add(attached.action());
                } else {
                    station.actions.add(attached.action());
                }
            }
        }
        for (HookName name : dispatch.resolve(options.cached())) {
            dispatch.station(name).cache = Optional.of(cache);
        }
        for (Pick pick : options.gradientsKept()) {
            for (HookName name : dispatch.resolve(List.of(pick))) {
                dispatch.requireGradient(name, pick);
                dispatch.station(name).gradientKept = true;
            }
        }
        return dispatch;
    }

    /** Ids have no gradient: a glob passes over them, a name does not. */
    private void requireGradient(HookName name, Pick pick) {
        if (tape.isEmpty()) {
            throw new UsageException(
                    "The gradient at %s is asked for, and nothing says what of. Give a number: RunOptions.withMetric(Metric.loss())."
                            .formatted(name));
        }
        if (name.point().holdsIds() && !Glob.isGlob(pick.glob())) {
            throw new UsageException("%s holds ids, and ids have no gradient. Ask for another point.".formatted(name));
        }
    }

    /** The points that were hooked or cached and did not fire so far. */
    List<HookName> silent() {
        return stations.values().stream()
                .filter(it -> !it.fired)
                .map(it -> it.name)
                .sorted(Comparator.comparing(catalogue.all()::indexOf))
                .toList();
    }

    private List<HookName> resolve(Collection<Pick> picks) {
        List<HookName> names = catalogue.picked(picks, gates);
        names.stream()
                .filter(it -> !HookCatalogue.isOpen(it, gates))
                .findFirst()
                .ifPresent(it -> {
                    throw GateClosed.at(it);
                });
        return names;
    }

    private Station station(HookName name) {
        return stations.computeIfAbsent(name, Station::new);
    }

    /**
     * Whether a point must fire: a function is called or something is kept there, or the caller wants the graph of this very
     * computation, as training does.
     */
    boolean isWatched(HookPoint point, int layer) {
        return explicit || stations.containsKey(new HookName(point, stack, layer, HookName.NO_EXPERT));
    }

    /** Whether what stands at a point may become something else, or its gradient is wanted: more than looking at it. */
    boolean isChanged(HookPoint point, int layer) {
        Station station = stations.get(new HookName(point, stack, layer, HookName.NO_EXPERT));
        return explicit || (station != null && station.isChanged());
    }

    /** Whether the caller wants the graph of this very computation, down to the model's own parameters. */
    boolean isRecorded() {
        return explicit;
    }

    boolean isOpen(Gate gate) {
        return gates.contains(gate);
    }

    /**
     * Passes an activation through its hook point.
     *
     * @param activation belongs to the pass
     * @return the same, or what a hook put in its place, owned by the same manager
     */
    NDArray at(HookPoint point, int layer, NDArray activation) {
        return at(point, layer, HookName.NO_EXPERT, activation);
    }

    /** {@link #at(HookPoint, int, NDArray)} of a point inside an expert. */
    NDArray at(HookPoint point, int layer, int expert, NDArray activation) {
        boolean first = layer == HookName.NO_LAYER && !point.afterBlocks();
        NDArray tracked = first ? begun(activation) : activation;
        if (stations.isEmpty()) {
            return tracked;
        }
        Station station = stations.get(new HookName(point, stack, layer, expert));
        return station == null ? tracked : visit(station, tracked);
    }

    private NDArray sliced(HookName name, NDArray activation) {
        return posSlice.map(it -> it.of(activation, catalogue.axes(name, gates)))
                .orElse(activation);
    }

    /** An activation the graph of gradients begins with, where a run takes gradients. */
    NDArray begun(NDArray activation) {
        return tape.map(it -> it.tracked(activation)).orElse(activation);
    }

    private NDArray visit(Station station, NDArray activation) {
        station.fired = true;
        NDArray current = activation;
        for (Hooks.Action action : station.actions) {
            if (action instanceof Hooks.Action.Edit edit) {
                current = HookCalls.edited(station.name, edit.hook(), catalogue.axes(station.name, gates), current);
            } else if (action instanceof Hooks.Action.Observe observe) {
                HookCalls.observed(station.name, observe.observer(), current);
            }
        }
        if (station.cache.isPresent()) {
            station.cache.get().keep(station.name, sliced(station.name, current));
        }
        if (tape.isPresent() && station.hasBackward() && current.getDataType() == DataType.FLOAT32) {
            Axes axes = catalogue.axes(station.name, gates);
            // An edit may have put something in its place that nothing is recorded of.
            NDArray tracked = tape.get().tracked(current);
            return tape.get().pass(station.name, axes, tracked, station.backward, station.gradientKept);
        }
        return current;
    }
}
