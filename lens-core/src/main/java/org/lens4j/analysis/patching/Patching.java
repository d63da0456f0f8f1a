package org.lens4j.analysis.patching;

/** A sweep of patches over pairs of prompts, made or estimated. */
public sealed interface Patching permits ActivationPatch, AttributionPatch {
    /** The pairs. */
    PatchPairs pairs();

    /** Tells somebody how far it is. */
    Patching withListener(PatchListener told);

    /**
     * Makes every patch of a site. Stopped by the listener or an interrupt of its thread, which stays set, it gives what it has.
     *
     * @throws org.lens4j.error.UnknownNameException if the model has no such hook point
     */
    PatchResult run(PatchSite site);
}
