package org.lens4j.hook;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The functions of one run, in the order they were added. Immutable: each method gives a new list.
 *
 * <pre>{@code
 * Hooks hooks = Hooks.none()
 *         .edit("blocks.0.attn.hook_z", (z, at) -> { z.set(new NDIndex(":, :, 1"), 0f); return z; })
 *         .observe("blocks.*.hook_resid_post", (resid, at) -> System.out.println(at + " " + resid.norm()));
 * }</pre>
 *
 * @param attached each function with the name or glob it is for
 */
public record Hooks(List<Attached> attached) {
    /**
     * One function and where it goes.
     *
     * @param pick the points
     * @param action what to do there
     */
    public record Attached(Pick pick, Action action) {}

    /** What is done at a point. */
    public sealed interface Action {
        /** Replaces the activation. */
        record Edit(Hook hook) implements Action {}

        /** Looks at it. */
        record Observe(Hook.Observer observer) implements Action {}

        /** Replaces its gradient on the way back. */
        record EditGradient(Hook hook) implements Action {}

        /** Looks at its gradient. */
        record ObserveGradient(Hook.Observer observer) implements Action {}

        /** Whether it is done on the way back. */
        default boolean isBackward() {
            return this instanceof EditGradient || this instanceof ObserveGradient;
        }
    }

    /** Copies the list. */
    public Hooks {
        attached = List.copyOf(attached);
    }

    /** No function anywhere. */
    public static Hooks none() {
        return new Hooks(List.of());
    }

    /**
     * Adds a function that may replace the activation.
     *
     * @param glob a name or glob, checked when the run starts
     * @param hook gives back what the run goes on with
     */
    public Hooks edit(String glob, Hook hook) {
        return with(new Attached(Pick.of(glob), new Action.Edit(hook)));
    }

    /** {@link #edit(String, Hook)} at every point that fires and that a predicate picks. */
    public Hooks edit(Predicate<HookName> where, Hook hook) {
        return with(new Attached(Pick.of(where), new Action.Edit(hook)));
    }

    /**
     * Adds a function that changes the activation in place and gives nothing back.
     *
     * @param glob a name or glob, checked when the run starts
     * @param change works on a copy, which the run goes on with
     */
    public Hooks change(String glob, Hook.Observer change) {
        return edit(glob, (activation, at) -> {
            change.see(activation, at);
            return activation;
        });
    }

    /** {@link #change(String, Hook.Observer)} at every point that fires and that a predicate picks. */
    public Hooks change(Predicate<HookName> where, Hook.Observer change) {
        return edit(where, (activation, at) -> {
            change.see(activation, at);
            return activation;
        });
    }

    /** {@link #observe(String, Hook.Observer)} at every point that fires and that a predicate picks. */
    public Hooks observe(Predicate<HookName> where, Hook.Observer observer) {
        return with(new Attached(Pick.of(where), new Action.Observe(observer)));
    }

    /** These, and after them others. To put some before these, say {@code others.then(these)}. */
    public Hooks then(Hooks others) {
        List<Attached> all = new ArrayList<>(attached);
        all.addAll(others.attached);
        return new Hooks(all);
    }

    /**
     * Adds a function that looks at the activation.
     *
     * @param glob a name or glob, checked when the run starts
     * @param observer changes nothing
     */
    public Hooks observe(String glob, Hook.Observer observer) {
        return with(new Attached(Pick.of(glob), new Action.Observe(observer)));
    }

    /**
     * Adds a function that may replace the gradient of the run's metric at a point; what is computed before the point gets
     * what it gives back. TransformerLens: {@code bwd_hooks}.
     *
     * @param glob a name or glob, checked when the run starts
     * @param hook gets the gradient, like the activation
     */
    public Hooks editGradient(String glob, Hook hook) {
        return with(new Attached(Pick.of(glob), new Action.EditGradient(hook)));
    }

    /** {@link #editGradient(String, Hook)} at every point that fires, has a gradient and that a predicate picks. */
    public Hooks editGradient(Predicate<HookName> where, Hook hook) {
        return with(new Attached(Pick.of(where), new Action.EditGradient(hook)));
    }

    /**
     * Adds a function that looks at the gradient of the run's metric at a point.
     *
     * @param glob a name or glob, checked when the run starts
     * @param observer changes nothing
     */
    public Hooks observeGradient(String glob, Hook.Observer observer) {
        return with(new Attached(Pick.of(glob), new Action.ObserveGradient(observer)));
    }

    /** {@link #observeGradient(String, Hook.Observer)} at every point that fires, has a gradient and that a predicate picks. */
    public Hooks observeGradient(Predicate<HookName> where, Hook.Observer observer) {
        return with(new Attached(Pick.of(where), new Action.ObserveGradient(observer)));
    }

    private Hooks with(Attached more) {
        List<Attached> all = new ArrayList<>(attached);
        all.add(more);
        return new Hooks(all);
    }
}
