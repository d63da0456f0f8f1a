package org.lens4j.cache;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.lens4j.error.RangeException;
import org.lens4j.error.StateException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.hook.ShortName;
import org.lens4j.hook.Stack;
import org.lens4j.tensor.Axes;

/**
 * What the names of a cache mean: short ones, and the axes of their tensors.
 *
 * @param hooks of the model; empty if the cache comes from a file alone
 * @param open the switches that were on
 */
record Names(Optional<HookCatalogue> hooks, Set<Gate> open) {
    /** Axes of the logits, which files hold beside activations. */
    private static final Axes LOGITS = Axes.of("batch pos d_vocab");

    Names {
        open = Set.copyOf(open);
    }

    /** A file's, of which the model is not known. */
    static Names ofFile() {
        return new Names(Optional.empty(), Set.of());
    }

    /**
     * The full name that is meant.
     *
     * @param held the names there are
     * @throws UnknownNameException if it is none of them; says what was asked, and the closest
     */
    String full(ShortName asked, Collection<String> held) {
        String written = asked.toString();
        boolean gradient = written.endsWith(ActivationCache.GRADIENT);
        ShortName point = gradient
                ? ShortName.of(written.substring(0, written.length() - ActivationCache.GRADIENT.length()))
                : asked;
        String full = point.full(this::fromStart) + (gradient ? ActivationCache.GRADIENT : "");
        if (!held.contains(full)) {
            String place = full.equals(written) ? "this cache" : "this cache (asked for as \"%s\")".formatted(written);
            throw UnknownNameException.of("cached activation", full, place, held, "Ask for it when you cache.");
        }
        return full;
    }

    private int fromStart(int layer) {
        HookCatalogue catalogue = hooks.orElseThrow(() -> new StateException(
                "Layer %d counts from the end, and this file does not say how many layers the model has. Count from 0, or open it with the model's hooks: ActivationCache.open(file, model.hooks())."
                        .formatted(layer)));
        int layers = catalogue.all().stream()
                .filter(it -> it.stack() == Stack.BLOCKS)
                .mapToInt(it -> it.layer() + 1)
                .max()
                .orElse(0);
        if (layers == 0) {
            // Two stacks: short names mean neither, and the message names the closest.
            return layer;
        }
        if (layer + layers < 0) {
            throw new RangeException("Layer %d is asked for, and the model has %d. Give %d to %d."
                    .formatted(layer, layers, -layers, layers - 1));
        }
        return layer + layers;
    }

    /**
     * The axes of a tensor.
     *
     * @param name full, of an activation or a gradient
     * @return empty if no hook point of such a rank has that name
     */
    Optional<Axes> axes(String name, Shape shape) {
        String point = name.endsWith(ActivationCache.GRADIENT)
                ? name.substring(0, name.length() - ActivationCache.GRADIENT.length())
                : name;
        return hook(point)
                .map(it -> hooks.map(all -> all.axes(it, open))
                        .orElseGet(() -> it.point().axes()))
                .or(() -> point.equals("logits") ? Optional.of(LOGITS) : Optional.empty())
                .map(it -> fitted(it, shape))
                .filter(it -> it.rank() == shape.dimension());
    }

    /** The hook point of that name, if there is one. */
    Optional<HookName> hook(String name) {
        return hooks.map(all -> all.find(name)).orElseGet(() -> HookName.parse(name));
    }

    /** Files may hold activations whose batch axis was removed. */
    private static Axes fitted(Axes axes, Shape shape) {
        List<String> names = new ArrayList<>(axes.names());
        if (names.size() == shape.dimension() + 1 && names.get(0).equals(ActivationCache.BATCH)) {
            names.remove(0);
        }
        return new Axes(names);
    }
}
