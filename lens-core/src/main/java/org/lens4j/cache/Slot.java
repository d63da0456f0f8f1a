package org.lens4j.cache;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import java.util.function.Supplier;
import org.lens4j.tensor.Scope;

/** One activation of a cache, wherever it lies: in native memory, as float16, or where it can be read again. */
final class Slot {
    private final String name;
    private final Shape shape;
    private final DataType stored;
    private Optional<NDArray> given = Optional.empty();
    private Optional<NDArray> half = Optional.empty();
    private Optional<Source> source = Optional.empty();

    /** Where an activation can be read again. */
    @FunctionalInterface
    interface Source {
        /** Reads it, in its stored type or as float32, into memory of its own that the scope owns. */
        NDArray read(Scope scope);
    }

    private Slot(String name, Shape shape, DataType stored) {
        this.name = name;
        this.shape = shape;
        this.stored = stored;
    }

    /** One in native memory, FLOAT16 or as it is given out. */
    static Slot of(String name, NDArray tensor) {
        Slot slot = new Slot(name, tensor.getShape(), tensor.getDataType());
        if (tensor.getDataType() == DataType.FLOAT16) {
            slot.half = Optional.of(tensor);
        } else {
            slot.given = Optional.of(tensor);
        }
        return slot;
    }

    /** One that lies elsewhere. */
    static Slot of(String name, Shape shape, DataType stored, Source source) {
        Slot slot = new Slot(name, shape, stored);
        slot.source = Optional.of(source);
        return slot;
    }

    String name() {
        return name;
    }

    Shape shape() {
        return shape;
    }

    /** FLOAT32, FLOAT16 or INT64. */
    DataType stored() {
        return stored;
    }

    /** Native memory it takes now. */
    long held() {
        return given.map(Slot::bytes).orElse(0L) + half.map(Slot::bytes).orElse(0L);
    }

    private static long bytes(NDArray tensor) {
        return tensor.size() * tensor.getDataType().getNumOfBytes();
    }

    /** Whether what it gives out is held beside its float16 form. */
    boolean isWidened() {
        return given.isPresent() && half.isPresent();
    }

    /** Native memory of what it gives out, where its float16 form is held too. */
    long widened() {
        return isWidened() ? given.map(Slot::bytes).orElse(0L) : 0;
    }

    /** Whether all its native memory is the form it gives out, and the only one there is. */
    Optional<NDArray> onlyForm() {
        return source.isEmpty() && half.isEmpty() ? given : Optional.empty();
    }

    /** The activation as it is given out; held until it is dropped. */
    NDArray given(Scope scope) {
        NDArray tensor = given.orElseGet(() -> half.map(it -> scope.adopt(it.toType(DataType.FLOAT32, true)))
                .orElseGet(() -> converted(source.orElseThrow().read(scope), DataType.FLOAT32, scope)));
        given = Optional.of(tensor);
        return tensor;
    }

    /** A tensor of the scope's in another type; integers stay as they are. */
    private static NDArray converted(NDArray tensor, DataType type, Scope scope) {
        if (tensor.getDataType() == type || tensor.getDataType() == DataType.INT64) {
            return tensor;
        }
        NDArray other = scope.adopt(tensor.toType(type, true));
        tensor.close();
        return other;
    }

    /** A copy in its stored type, owned by the scope; the cache holds what it held. */
    NDArray copy(Scope scope) {
        NDArray copy = half.or(() -> given).map(scope::copy).orElseGet(() -> source.orElseThrow()
                .read(scope));
        return converted(copy, stored, scope);
    }

    /** A copy as it is given out, owned by the scope; the cache holds what it held. */
    NDArray givenCopy(Scope scope) {
        return converted(copy(scope), DataType.FLOAT32, scope);
    }

    /** Gives up what can be made again of its float16 form. */
    void dropWidened() {
        if (isWidened()) {
            given.ifPresent(NDArray::close);
            given = Optional.empty();
        }
    }

    /** Gives up all native memory; writes into the file first what lies nowhere else. */
    void spill(Supplier<SpillFile> file) {
        if (source.isEmpty()) {
            NDArray only = half.or(() -> given).orElseThrow();
            SpillFile.Region region = file.get().write(only);
            source = Optional.of(scope -> file.get().read(region, scope));
        }
        given.ifPresent(NDArray::close);
        half.ifPresent(NDArray::close);
        given = Optional.empty();
        half = Optional.empty();
    }

    /** Frees what it holds, for good. */
    void close() {
        given.ifPresent(NDArray::close);
        half.ifPresent(NDArray::close);
        given = Optional.empty();
        half = Optional.empty();
        source = Optional.empty();
    }
}
