package org.lens4j.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Gradients without DJL's collector, of which a process may have only one. Whether operators are recorded is a switch of
 * each thread.
 *
 * <pre>{@code
 * Autograd.track(weight);
 * NDArray loss = Autograd.recording(true, () -> compute(weight));   // rank 0
 * Autograd.backward(loss);
 * NDArray gradient = Autograd.gradient(weight).orElseThrow();
 * }</pre>
 */
public final class Autograd {
    private Autograd() {}

    /** Does some work with recording on or off on this thread, then puts the switch back. */
    public static <T> T recording(boolean on, Supplier<T> work) {
        NativeLibrary.require();
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(on);
        try {
            return work.get();
        } finally {
            JniUtils.setGradMode(before);
        }
    }

    /** Whether what is computed from a tensor is recorded: it is tracked, or was itself computed from one that is. */
    public static boolean isRecorded(NDArray tensor) {
        try (NDArray answer = Kernels.call("is_recorded", tensor)) {
            return answer.getLong() != 0;
        }
    }

    /**
     * Marks a tensor as one whose gradient is wanted.
     *
     * @param leaf in native memory of its own, not computed from another tracked tensor
     */
    public static void track(NDArray leaf) {
        leaf.setRequiresGradient(true);
    }

    /**
     * Adds the derivatives of a number to the gradients of everything tracked that it was computed from. Gradients add up
     * until {@link #forget} empties them.
     *
     * @param loss rank 0, recorded; its graph is freed
     */
    public static void backward(NDArray loss) {
        try (NDArray one = loss.getManager().ones(loss.getShape(), loss.getDataType())) {
            JniUtils.backward((PtNDArray) loss, (PtNDArray) one, false, false);
        }
    }

    /**
     * The gradient so far.
     *
     * @return empty before the first backward pass that reached the tensor; otherwise the very memory backward adds to,
     *     owned by the tensor's manager and to be closed by the caller
     */
    public static Optional<NDArray> gradient(NDArray leaf) {
        return Optional.ofNullable(JniUtils.getGradient((PtNDArray) leaf));
    }

    /** Sets the gradient of a tensor to zero. */
    public static void forget(NDArray leaf) {
        gradient(leaf).ifPresent(gradient -> {
            try (gradient) {
                Kernels.inPlace("zero_in_place", gradient);
            }
        });
    }
}
