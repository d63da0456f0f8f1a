package org.lens4j.analysis.residual;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/** Components of the residual stream that come from the same place: the heads of a layer, its neurons, one activation. */
interface Source {
    /** One for each component. */
    List<String> labels();

    /**
     * The components.
     *
     * @param scope owns the result
     * @return {@code [component batch pos d_model]}
     */
    NDArray parts(Scope scope);

    /**
     * The components along directions. A source that multiplies something with a weight folds the directions into the weight
     * first.
     *
     * @param directions {@code [batch d_model k]}
     * @param scope owns the result
     * @return {@code [component batch pos k]}
     */
    default NDArray along(NDArray directions, Scope scope) {
        try (Scope inside = new Scope(scope)) {
            return inside.keep(Kernels.call("component_projections", parts(inside), directions));
        }
    }
}
