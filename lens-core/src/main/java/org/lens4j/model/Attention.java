package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookPoint;
import org.lens4j.tensor.Kernels;

/**
 * Multi-head causal self-attention (Vaswani et al., 2017).
 *
 * @param layer from 0
 * @param q queries' weights
 * @param k keys' weights
 * @param v values' weights
 * @param wO {@code [head d_head d_model]}
 * @param bO {@code [d_model]}
 * @param scale what scores are divided by, rank 0
 */
record Attention(int layer, Projection q, Projection k, Projection v, NDArray wO, NDArray bO, NDArray scale) {
    /**
     * One of the three linear maps into the heads.
     *
     * @param w {@code [head d_model d_head]}
     * @param b {@code [head d_head]}
     */
    record Projection(NDArray w, NDArray b) {
        /**
         * Maps into the heads.
         *
         * @param x {@code [batch pos d_model]}, or {@code [batch pos head d_model]} when every head has its own input
         * @return {@code [batch pos head d_head]}
         */
        NDArray forward(NDArray x) {
            String kernel = x.getShape().dimension() == 4 ? "project_split_heads" : "project_heads";
            return Kernels.call(kernel, x, w, b);
        }
    }

    /**
     * What the three maps read.
     *
     * @param q for queries
     * @param k for keys
     * @param v for values
     */
    record Inputs(NDArray q, NDArray k, NDArray v) {}

    /**
     * Attends.
     *
     * @param in normalised inputs
     * @param mask which keys a query may see, bool {@code [query_pos key_pos]}
     * @return what is written to the residual stream, {@code [batch pos d_model]}, before its hook point
     */
    NDArray forward(Inputs in, NDArray mask, HookDispatch hooks) {
        NDArray queries = hooks.at(HookPoint.Q, layer, q.forward(in.q()));
        NDArray keys = hooks.at(HookPoint.K, layer, k.forward(in.k()));
        NDArray values = hooks.at(HookPoint.V, layer, v.forward(in.v()));
        // [batch head query_pos key_pos]
        NDArray scores =
                hooks.at(HookPoint.ATTN_SCORES, layer, Kernels.call("attn_scores", queries, keys, scale, mask));
        NDArray pattern = hooks.at(HookPoint.PATTERN, layer, Kernels.call("attn_pattern", scores));
        // [batch pos head d_head]
        NDArray z = hooks.at(HookPoint.Z, layer, Kernels.call("mix_values", pattern, values));
        if (!hooks.isOpen(Gate.ATTN_RESULT)) {
            return Kernels.call("attn_out", z, wO, bO);
        }
        NDArray result = hooks.at(HookPoint.RESULT, layer, Kernels.call("head_results", z, wO));
        return Kernels.call("sum_heads", result, bO);
    }
}
