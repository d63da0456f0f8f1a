package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import org.lens4j.hook.HookName;
import org.lens4j.tensor.Scope;

/** Where the numbers come from that are written into a run. Owns what it read. */
interface Source extends AutoCloseable {
    /**
     * What is written at a point.
     *
     * @param scope owns the result
     * @return as the activation of the run that is patched, {@code [prompt ..]}
     */
    NDArray at(HookName point, Scope scope);

    @Override
    void close();
}
