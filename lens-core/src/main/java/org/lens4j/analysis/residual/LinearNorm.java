package org.lens4j.analysis.residual;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import org.lens4j.config.Norm;
import org.lens4j.tensor.Kernels;

/**
 * A layer norm whose scale is known, and which is linear therefore: what it does to a sum is the sum of what it does to the
 * parts. Offsets are not its business.
 *
 * @param kind whether it centres
 * @param scale what is divided by, {@code [batch pos 1]}; empty for {@link Norm#NONE}
 * @param gain {@code [d_model]}; empty where it is left out
 */
record LinearNorm(Norm kind, Optional<NDArray> scale, Optional<NDArray> gain) {
    static LinearNorm none() {
        return new LinearNorm(Norm.NONE, Optional.empty(), Optional.empty());
    }

    /**
     * Lets parts through.
     *
     * @param parts {@code [component batch pos d_model]}
     * @return as large, owned by the parts' manager
     */
    NDArray apply(NDArray parts) {
        if (kind == Norm.NONE) {
            return parts;
        }
        NDArray even = kind == Norm.LAYER ? Kernels.call("centred", parts) : parts;
        NDArray divided = divided(even);
        return gain.map(it -> Kernels.call("gain", divided, it)).orElse(divided);
    }

    /**
     * The directions before the norm that do what the given ones do after it, up to {@link #divided}.
     *
     * @param directions {@code [batch d_model k]}
     * @return as large, owned by the directions' manager
     */
    NDArray before(NDArray directions) {
        NDArray gained = gain.map(it -> Kernels.call("gained_directions", directions, it))
                .orElse(directions);
        return kind == Norm.LAYER ? Kernels.call("centred_directions", gained) : gained;
    }

    /** Divides by the scale: {@code [component batch pos any]}. */
    NDArray divided(NDArray parts) {
        return scale.map(it -> Kernels.call("divide", parts, it)).orElse(parts);
    }
}
