package org.lens4j.cache;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import org.lens4j.tensor.Scope;

/** Float32 in half the memory. */
final class Half {
    private Half() {}

    /**
     * A tensor as float16, or as it is where that would lose numbers beyond 65,504, or where it holds ids.
     *
     * @param tensor owned by the scope; closed if it was converted
     * @return owned by the scope
     */
    static NDArray of(NDArray tensor, Scope scope) {
        if (tensor.getDataType() != DataType.FLOAT32) {
            return tensor;
        }
        NDArray half = scope.adopt(tensor.toType(DataType.FLOAT16, true));
        if (infinite(half) != infinite(tensor)) {
            half.close();
            return tensor;
        }
        tensor.close();
        return half;
    }

    /** How many numbers are infinite: masked scores are, and stay so. */
    private static long infinite(NDArray tensor) {
        if (tensor.size() == 0) {
            return 0;
        }
        try (NDArray which = tensor.isInfinite();
                NDArray count = which.countNonzero()) {
            return count.getLong();
        }
    }
}
