package org.lens4j.harvest;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.lens4j.error.UsageException;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.tensor.Axes;

/** Which hook points become columns, and how wide a row of each is: everything but batch and position, one after the other. */
final class HookColumns {
    private HookColumns() {}

    /**
     * One hook point.
     *
     * @param name its full name
     * @param axes of its tensor in a run
     * @param width numbers for each token
     */
    record HookColumn(String name, Axes axes, long width) {}

    /** The points the options name, in firing order. */
    static List<HookColumn> of(HookCatalogue hooks, HarvestOptions options) {
        Map<String, HookColumn> columns = new LinkedHashMap<>();
        for (HookName name : hooks.matching(options.hooks(), options.gates())) {
            Axes axes = hooks.axes(name, options.gates());
            check(name, axes, options.gates());
            long width = hooks.shape(name, options.gates(), 1, 1).size();
            columns.put(name.full(), new HookColumn(name.full(), axes, width));
        }
        return List.copyOf(columns.values());
    }

    private static void check(HookName name, Axes axes, Set<Gate> open) {
        if (!HookCatalogue.isOpen(name, open)) {
            Gate gate = name.point().gate().orElseThrow();
            throw new UsageException(
                    "%s is off unless it is asked for: it costs extra work. Turn it on: options.with(Gate.%s)."
                            .formatted(name, gate));
        }
        if (name.point().holdsIds()) {
            throw refused(name, axes, "it holds ids, and no activations");
        }
        if (axes.indexOf("query_pos") >= 0) {
            throw refused(
                    name,
                    axes,
                    "a token's row would be as long as its context, so rows would differ in length. lens cache keeps patterns");
        }
        if (axes.indexOf("routed") >= 0) {
            throw refused(name, axes, "it has rows only for the tokens that were sent to the expert");
        }
        if (axes.indexOf("pos") < 0 && axes.indexOf("key_pos") < 0 && axes.indexOf("row") < 0) {
            throw refused(name, axes, "it has one row for a text, and none for a token");
        }
    }

    private static UsageException refused(HookName name, Axes axes, String why) {
        return new UsageException(
                "%s %s cannot be harvested: %s. Name hook points with a row of one length for each token, such as blocks.*.hook_resid_post."
                        .formatted(name, axes, why));
    }
}
