package org.lens4j.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.engine.PtNDArray;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.lens4j.error.PlatformException;

/**
 * Java memory under tensors that autograd recorded. DJL makes a tensor of a Java buffer and of a Java number without copying,
 * lets the buffer go when the tensor is closed, which for a number is at once, and knows nothing of what autograd saved of it:
 * after a garbage collection {@code x.mul(0.5f)} has a gradient made of whatever lies there then. So whoever records holds
 * every such buffer for as long as the graph may be used.
 *
 * <pre>{@code
 * HeldBuffers held = new HeldBuffers();
 * owner.hold(held);                          // as long as the graph
 * held.during(() -> metric(logits));         // everything this thread makes in there
 * }</pre>
 *
 * <p>DJL tells a thread's {@link NDScope} of each tensor it makes, but gives no list of them and no way to the buffer: this
 * reads both fields by name.
 */
public final class HeldBuffers implements AutoCloseable {
    private static final Field MADE = field(NDScope.class, "resources");
    private static final Field BUFFER = field(PtNDArray.class, "dataRef");

    private final Collection<ByteBuffer> buffers = new ArrayDeque<>();

    /** Holds nothing yet. */
    public HeldBuffers() {}

    /** Does some work; buffers under the tensors that this thread makes in it are held until this is closed. */
    public <T> T during(Supplier<T> work) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            MADE.set(scope, new Noting());
            return work.get();
        } catch (IllegalAccessException e) {
            throw unknown(NDScope.class, "resources", e);
        }
    }

    /** How many are held, for tests. */
    public int size() {
        return buffers.size();
    }

    @Override
    public void close() {
        buffers.clear();
    }

    private void hold(NDArray made) {
        if (made instanceof PtNDArray tensor) {
            try {
                Optional.ofNullable((ByteBuffer) BUFFER.get(tensor)).ifPresent(buffers::add);
            } catch (IllegalAccessException e) {
                throw unknown(PtNDArray.class, "dataRef", e);
            }
        }
    }

    /** Stands where a scope lists what was made, and stays empty: the tensors belong to their managers. */
    private final class Noting extends IdentityHashMap<NDArray, NDArray> {
        @Override
        public @Nullable NDArray put(NDArray made, NDArray same) {
            hold(made);
            return null;
        }
    }

    private static Field field(Class<?> of, String name) {
        try {
            Field field = of.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw unknown(of, name, e);
        }
    }

    private static PlatformException unknown(Class<?> of, String name, Exception cause) {
        return new PlatformException(
                "Gradients need DJL 0.35.1: the DJL on the class path has no field %s.%s that may be read, so Java memory under recorded tensors could not be held. Use the version in Lens4J's pom.xml."
                        .formatted(of.getName(), name),
                cause);
    }
}
