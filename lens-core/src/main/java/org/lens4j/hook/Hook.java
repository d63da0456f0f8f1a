package org.lens4j.hook;

import ai.djl.ndarray.NDArray;

/**
 * A function at a hook point. It gets a tensor of its own: changing it in place and giving it back, or giving back another
 * of the same shape, replaces the activation for the rest of the run.
 */
@FunctionalInterface
public interface Hook {
    /**
     * Called when the point fires.
     *
     * @param activation a copy that this call owns; freed after the run
     * @param at which point fired
     * @return what the run goes on with: the same tensor, changed or not, or another of the same shape and type
     */
    NDArray apply(NDArray activation, HookName at);

    /** A function that looks and changes nothing. */
    @FunctionalInterface
    interface Observer {
        /**
         * Called when the point fires.
         *
         * @param activation belongs to the run and dies with it; {@code duplicate()} what you need, do not change it
         * @param at which point fired
         */
        void see(NDArray activation, HookName at);
    }
}
