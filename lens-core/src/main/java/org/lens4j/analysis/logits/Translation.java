package org.lens4j.analysis.logits;

import ai.djl.ndarray.NDArray;
import org.lens4j.tensor.Scope;

/** What is made of a residual stream before it is read as the last one: nothing for the logit lens, a tuned lens's map. */
@FunctionalInterface
public interface Translation {
    /**
     * Rewrites a residual stream in the words of the last layer.
     *
     * @param point where it was read
     * @param residual {@code [batch pos d_model]}, owned by the scope; not changed
     * @param scope owns the result
     * @return {@code [batch pos d_model]}
     */
    NDArray apply(ResidualPoint point, NDArray residual, Scope scope);

    /** As it is. */
    static Translation none() {
        return (point, residual, scope) -> residual;
    }
}
