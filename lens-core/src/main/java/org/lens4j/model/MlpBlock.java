package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import org.lens4j.config.Activation;
import org.lens4j.hook.HookPoint;
import org.lens4j.tensor.Kernels;

/**
 * The two-layer perceptron of a block.
 *
 * @param layer from 0
 * @param wIn {@code [d_model d_mlp]}
 * @param bIn {@code [d_mlp]}
 * @param wOut {@code [d_mlp d_model]}
 * @param bOut {@code [d_model]}
 * @param activation between the two
 */
record MlpBlock(int layer, NDArray wIn, NDArray bIn, NDArray wOut, NDArray bOut, Activation activation) {
    /**
     * Computes what is written to the residual stream.
     *
     * @param x normalised, {@code [batch pos d_model]}
     * @return {@code [batch pos d_model]}, before its hook point
     */
    NDArray forward(NDArray x, HookDispatch hooks) {
        NDArray pre = hooks.at(HookPoint.MLP_PRE, layer, Kernels.call("linear", x, wIn, bIn));
        NDArray post = hooks.at(HookPoint.MLP_POST, layer, Kernels.call(activation.kernel(), pre));
        return Kernels.call("linear", post, wOut, bOut);
    }
}
