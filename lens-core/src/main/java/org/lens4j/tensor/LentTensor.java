package org.lens4j.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import org.lens4j.error.StateException;

/**
 * A tensor that someone may look at for a while: a second handle to another's memory. When the while is over it is closed,
 * and using it then is an error that says so. What is computed from it belongs to the owner of the other.
 *
 * <pre>{@code
 * try (NDArray shown = LentTensor.of(activation, "The tensor of … is gone. Copy it while it is there.")) {
 *     function.accept(shown);
 * }
 * }</pre>
 *
 * <p>A subclass, as DJL asks a tensor for its memory through this one method and has no other place to say why it is gone.
 */
public final class LentTensor extends PtNDArray {
    private final String afterwards;

    private LentTensor(PtNDManager manager, long handle, String afterwards) {
        super(manager, handle);
        this.afterwards = afterwards;
    }

    /**
     * Lends a tensor.
     *
     * @param tensor stays with its owner; the same node for autograd
     * @param afterwards what is said to whoever uses the lent one when it is closed
     * @return owned by the tensor's manager, to be closed by the caller
     */
    public static NDArray of(NDArray tensor, String afterwards) {
        PtNDArray handle = (PtNDArray) Kernels.call("handle", tensor, tensor);
        PtNDManager manager = handle.getManager();
        // The native handle changes hands: the object it came in is let go without closing it.
        handle.detach();
        return new LentTensor(manager, handle.getHandle(), afterwards);
    }

    @Override
    public Long getHandle() {
        if (isReleased()) {
            throw new StateException(afterwards);
        }
        return super.getHandle();
    }
}
