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
     * @param activation a copy for this call, gone when it returns; {@link Kept#keep} what is wanted later
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
         * @param activation there until this returns, and not to be changed; {@link Kept#keep} what is wanted later.
         *     Using it later is a {@link org.lens4j.error.StateException}, never a wrong number
         * @param at which point fired
         */
        void see(NDArray activation, HookName at);
    }
}
