package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;

/** How one patch is written into an activation. TransformerLens: {@code patch_setter}. */
@FunctionalInterface
public interface PatchSetter {
    /**
     * Writes one patch.
     *
     * @param into the activation of the run that is patched, {@code [batch ..]} as at the hook point: change it in place
     * @param from the activation of the other run, the same shape; do not change it
     * @param index where: the layer, then one index for each further axis of the site
     */
    void write(NDArray into, NDArray from, int[] index);
}
