package org.lens4j.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.UUID;

/**
 * Native memory with a beginning and an end. Tensors made in a scope are freed when it closes, unless they are kept.
 *
 * <pre>{@code
 * try (Scope scope = new Scope(owner)) {
 *     NDArray x = scope.floats(values, new Shape(2, 3));
 *     return scope.keep(compute(x));      // now belongs to owner
 * }
 * }</pre>
 */
public final class Scope implements AutoCloseable {
    private final NDManager parent;
    private final NDManager manager;

    /**
     * Opens a scope below another owner of memory.
     *
     * @param parent who gets what is kept; closing it closes this scope too
     */
    public Scope(NDManager parent) {
        this.parent = parent;
        this.manager = parent.newSubManager();
    }

    /**
     * Opens a scope below another one.
     *
     * @param parent who gets what is kept
     */
    public Scope(Scope parent) {
        this(parent.manager);
    }

    /** A scope that belongs to nobody else: whoever opens it closes it. Starts the native library if need be. */
    public static Scope root() {
        return new Scope(NativeLibrary.start());
    }

    /** The DJL manager that owns this scope's tensors. */
    public NDManager manager() {
        return manager;
    }

    /**
     * Moves a tensor to the owner of this scope, so that it survives the scope.
     *
     * @return the same tensor
     */
    public NDArray keep(NDArray tensor) {
        tensor.attach(parent);
        return tensor;
    }

    /**
     * Moves a tensor into this scope: it is freed when the scope closes.
     *
     * @return the same tensor
     */
    public NDArray adopt(NDArray tensor) {
        tensor.attach(manager);
        return tensor;
    }

    /**
     * A handle of this scope's own to another owner's tensor, without gradient history; works on capped owners too.
     *
     * @param tensor must hold native memory; stays with its owner
     * @return shares the memory; owned by this scope
     */
    public NDArray alias(NDArray tensor) {
        try (NDArray owner = scalar(0f)) {
            return Kernels.call("alias", owner, tensor);
        }
    }

    /**
     * A second handle to a tensor, the same node for autograd, that is not closed with the first.
     *
     * @param tensor stays with its owner
     * @return owned by this scope
     */
    public NDArray handle(NDArray tensor) {
        try (NDArray owner = scalar(0f)) {
            return Kernels.call("handle", owner, tensor);
        }
    }

    /**
     * A float32 tensor with its own native memory.
     *
     * @param values row-major
     * @param shape as many elements as there are values
     * @return owned by this scope
     */
    public NDArray floats(float[] values, Shape shape) {
        try (NDArray wrapped = manager.create(values, shape)) {
            return wrapped.duplicate();
        }
    }

    /**
     * An int64 tensor with its own native memory.
     *
     * @param values row-major
     * @param shape as many elements as there are values
     * @return owned by this scope
     */
    public NDArray longs(long[] values, Shape shape) {
        try (NDArray wrapped = manager.create(values, shape)) {
            return wrapped.duplicate();
        }
    }

    /**
     * A float32 number as a tensor of rank 0, in native memory, safe on a path with gradients.
     *
     * @return owned by this scope
     */
    public NDArray scalar(float value) {
        return manager.full(new Shape(), value, DataType.FLOAT32);
    }

    /**
     * An int64 number as a tensor of rank 0, in native memory.
     *
     * @return owned by this scope
     */
    public NDArray scalar(long value) {
        return longs(new long[] {value}, new Shape());
    }

    /** Float32 zeros, owned by this scope. */
    public NDArray zeros(Shape shape) {
        return manager.zeros(shape, DataType.FLOAT32);
    }

    /**
     * A copy of a tensor that belongs to someone else, even to a scope that takes no new tensors.
     *
     * @return contiguous, owned by this scope
     */
    public NDArray copy(NDArray foreign) {
        try (NDArray mine = scalar(0f)) {
            return Kernels.call("copy", mine, foreign);
        }
    }

    /** The same float32 number everywhere, owned by this scope. */
    public NDArray constant(float value, Shape shape) {
        return manager.full(shape, value, DataType.FLOAT32);
    }

    /** Keeps something reachable as long as this scope is open, and closes it with the scope. */
    public void hold(AutoCloseable resource) {
        manager.attachInternal(UUID.randomUUID().toString(), resource);
    }

    /** Forbids new tensors here: an operator that would leave its result among the weights throws instead. */
    public void cap() {
        manager.cap();
    }

    /** How many tensors live here and in the scopes below, for tests against leaks. */
    public int size() {
        return manager.getManagedArrays().size();
    }

    @Override
    public void close() {
        manager.close();
    }
}
