package org.lens4j.process;

import ai.djl.ndarray.NDArray;
import org.lens4j.config.ModelConfig;
import org.lens4j.tensor.Kernels;
import org.lens4j.weights.Parameters;

/**
 * Parameters while they are rewritten where they lie.
 *
 * @param config the shape
 * @param parameters no two of which share memory
 */
record Workbench(ModelConfig config, Parameters parameters) {
    boolean has(String name) {
        return parameters.has(name);
    }

    NDArray get(String name) {
        return parameters.get(name);
    }

    /** Runs a kernel that changes a parameter. */
    void change(String name, String kernel, NDArray... arguments) {
        NDArray[] all = new NDArray[arguments.length + 1];
        all[0] = get(name);
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        Kernels.inPlace(kernel, all);
    }

    /** The start of the names in one block: {@code blocks.3.}. */
    static String block(int layer) {
        return "blocks." + layer + ".";
    }
}
