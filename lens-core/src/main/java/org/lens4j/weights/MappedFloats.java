package org.lens4j.weights;

import ai.djl.ndarray.NDArray;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A float32 tensor and the memory under it. A tensor over mapped memory, and every view of it, reads freed memory once the
 * mapping is collected, and closing the tensor does not wait for its views; so whoever uses the tensor holds this object.
 */
public final class MappedFloats implements AutoCloseable {
    private final NDArray array;
    private final Optional<ByteBuffer> memory;

    MappedFloats(NDArray array, Optional<ByteBuffer> memory) {
        this.array = array;
        this.memory = memory;
    }

    /** The tensor, float32. Writing into it never changes the file. */
    public NDArray array() {
        return array;
    }

    /** Whether its memory is the file's; if not, the numbers were copied into native memory. */
    public boolean isMapped() {
        return memory.isPresent();
    }

    /** Closes the tensor. The mapping goes when this object is collected. */
    @Override
    public void close() {
        try {
            array.close();
        } finally {
            Reference.reachabilityFence(memory);
        }
    }
}
