package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.HookFailedException;
import org.lens4j.error.ShapeException;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.hook.Hooks;
import org.lens4j.hook.Stack;

/** The functions and cache entries of one run, looked up by point and layer. Built and checked before anything runs. */
final class HookDispatch {
    private final HookCatalogue catalogue;
    private final Set<Gate> gates;
    private final Stack stack;
    private final Map<HookName, Station> stations;

    /** One hook point of this run: what is called there, and whether it is kept. */
    private static final class Station {
        private final HookName name;
        private final List<Hooks.Action> actions = new ArrayList<>();
        private Optional<ActivationCache> cache = Optional.empty();

        Station(HookName name) {
            this.name = name;
        }
    }

    private HookDispatch(HookCatalogue catalogue, Set<Gate> gates, Stack stack, Map<HookName, Station> stations) {
        this.catalogue = catalogue;
        this.gates = gates;
        this.stack = stack;
        this.stations = stations;
    }

    /** The same functions and entries for components of another stack: their points are looked up there. */
    HookDispatch in(Stack other) {
        return new HookDispatch(catalogue, gates, other, stations);
    }

    /** No function anywhere, nothing kept. */
    static HookDispatch none(HookCatalogue catalogue) {
        return new HookDispatch(catalogue, Set.of(), Stack.BLOCKS, Map.of());
    }

    /**
     * Looks every name up.
     *
     * @param cache gets what the options ask to keep
     * @throws org.lens4j.error.UnknownNameException for a name the model does not have
     * @throws org.lens4j.error.UsageException for a point whose switch is off
     */
    static HookDispatch of(HookCatalogue catalogue, RunOptions options, ActivationCache cache) {
        HookDispatch dispatch = new HookDispatch(catalogue, options.gates(), Stack.BLOCKS, new HashMap<>());
        for (Hooks.Attached attached : options.hooks().attached()) {
            for (HookName name : dispatch.resolve(List.of(attached.glob()))) {
                dispatch.station(name).actions.add(attached.action());
            }
        }
        for (HookName name : dispatch.resolve(options.cached())) {
            dispatch.station(name).cache = Optional.of(cache);
        }
        return dispatch;
    }

    private List<HookName> resolve(Collection<String> globs) {
        List<HookName> names = catalogue.matching(globs, gates);
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
        if (stations.isEmpty()) {
            return activation;
        }
        Station station = stations.get(new HookName(point, stack, layer, expert));
        return station == null ? activation : visit(station, activation);
    }

    private NDArray visit(Station station, NDArray activation) {
        NDArray current = activation;
        for (Hooks.Action action : station.actions) {
            if (action instanceof Hooks.Action.Edit edit) {
                current = edited(station.name, edit, current);
            } else if (action instanceof Hooks.Action.Observe observe) {
                observed(station.name, observe, current);
            }
        }
        if (station.cache.isPresent()) {
            station.cache.get().keep(station.name, current);
        }
        return current;
    }

    /** The hook works on a copy, and its answer is copied: neither may be Java memory or alias what was cached. */
    private NDArray edited(HookName name, Hooks.Action.Edit edit, NDArray activation) {
        NDArray copy = activation.duplicate();
        NDArray answer;
        try {
            answer = edit.hook().apply(copy, name);
        } catch (RuntimeException e) {
            throw new HookFailedException(name.full(), e);
        }
        if (answer == null) {
            throw new HookFailedException(
                    name.full(), new NullPointerException("nothing; an edit gives the tensor back (return it)"));
        }
        if (!answer.getShape().equals(activation.getShape()) || answer.getDataType() != activation.getDataType()) {
            throw new ShapeException(
                    "The hook on %s gave back %s %s in place of %s %s. Give back a tensor of that shape and type."
                            .formatted(
                                    name,
                                    answer.getDataType(),
                                    catalogue.axes(name, gates).describe(answer.getShape()),
                                    activation.getDataType(),
                                    catalogue.axes(name, gates).describe(activation.getShape())));
        }
        NDArray replacement = answer.duplicate();
        replacement.attach(activation.getManager());
        return replacement;
    }

    private static void observed(HookName name, Hooks.Action.Observe observe, NDArray activation) {
        try {
            observe.observer().see(activation, name);
        } catch (RuntimeException e) {
            throw new HookFailedException(name.full(), e);
        }
    }
}
