package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import org.lens4j.hook.HookPoint;
import org.lens4j.tensor.Kernels;

/**
 * Layer normalisation (Ba et al., 2016): centre, divide by the standard deviation, scale by w, shift by b.
 *
 * @param scalePoint fires with the standard deviation, {@code [.. 1]}
 * @param normalizedPoint fires with the result, {@code [.. d_model]}
 * @param layer from 0, or -1 after the last block
 * @param w gain, {@code [d_model]}
 * @param b offset, {@code [d_model]}
 * @param eps added to the variance, rank 0
 */
record LayerNorm(HookPoint scalePoint, HookPoint normalizedPoint, int layer, NDArray w, NDArray b, NDArray eps) {
    /**
     * Normalises.
     *
     * @param x {@code [.. d_model]}
     * @return {@code [.. d_model]}, owned by x's manager
     */
    NDArray forward(NDArray x, HookDispatch hooks) {
        NDArray scale = hooks.at(scalePoint, layer, Kernels.call("layer_norm_scale", x, eps));
        return hooks.at(normalizedPoint, layer, Kernels.call("layer_norm", x, scale, w, b));
    }
}
