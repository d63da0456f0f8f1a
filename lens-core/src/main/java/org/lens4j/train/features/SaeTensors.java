package org.lens4j.train.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.train.features.SparseAutoencoder.Activation;

/**
 * An autoencoder in native memory. Results belong to the owner of what is read.
 *
 * @param wEnc {@code [d_in d_sae]}
 * @param bEnc {@code [d_sae]}
 * @param wDec {@code [d_sae d_in]}
 * @param bDec {@code [d_in]}
 * @param limit k of a TopK, int64 of rank 0; otherwise thresholds, {@code [d_sae]}
 */
record SaeTensors(SparseAutoencoder sae, NDArray wEnc, NDArray bEnc, NDArray wDec, NDArray bDec, NDArray limit) {
    /** Copies an autoencoder's numbers; owned by the scope. */
    static SaeTensors of(SparseAutoencoder sae, Scope scope) {
        SparseAutoencoder.Weights weights = sae.weights();
        int in = sae.dIn();
        int features = sae.dSae();
        NDArray limit = sae.activation() instanceof Activation.TopK top
                ? scope.scalar((long) top.k())
                : scope.floats(
                        weights.threshold().length == 0 ? new float[features] : weights.threshold(),
                        new Shape(features));
        return new SaeTensors(
                sae,
                scope.floats(weights.wEnc(), new Shape(in, features)),
                scope.floats(weights.bEnc(), new Shape(features)),
                scope.floats(weights.wDec(), new Shape(features, in)),
                scope.floats(weights.bDec(), new Shape(in)),
                limit);
    }

    /** {@code [.. d_in]} to features' sums, {@code [.. d_sae]}. */
    NDArray pre(NDArray x) {
        return Kernels.call("linear", sae.isCentred() ? x.sub(bDec) : x, wEnc, bEnc);
    }

    /** Sums to activations, {@code [.. d_sae]}. */
    NDArray acts(NDArray pre) {
        if (sae.activation() instanceof Activation.Relu) {
            return Kernels.call("relu", pre);
        }
        return Kernels.call(sae.activation() instanceof Activation.TopK ? "top_k" : "jump_relu", pre, limit);
    }

    /** Activations to what they stand for, {@code [.. d_in]}. */
    NDArray recons(NDArray acts) {
        return Kernels.call("linear", acts, wDec, bDec);
    }
}
