package org.lens4j.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Optional;
import org.lens4j.error.CheckpointException;
import org.lens4j.tensor.Scope;

/**
 * Turns stored numbers into float32 tensors. Half-precision types are widened here, in Java: bfloat16 must never reach
 * DJL, which ends the JVM on it.
 */
public final class FloatReader {
    /** Numbers converted at a time: 16 MiB of float32, so that widening needs no second copy of the tensor. */
    static final int PIECE = 1 << 22;

    private static final int HALF_SIGN = 0x8000;
    private static final int HALF_EXPONENT = 0x7c00;
    private static final int HALF_FRACTION = 0x03ff;

    private FloatReader() {}

    /**
     * Reads one tensor.
     *
     * @param checkpoint the file
     * @param name a floating-point tensor in it
     * @param scope owns the result, which may point at the file's bytes, mapped read-only: never write into it, and
     *     duplicate it before the scope closes
     * @return float32, shape as stored
     * @throws CheckpointException if it holds integers or truth values
     */
    public static NDArray read(Checkpoint checkpoint, String name, Scope scope) {
        TensorEntry entry = checkpoint.entry(name);
        if (entry.type() == StoredType.F32 && entry.bytes() <= Integer.MAX_VALUE) {
            ByteBuffer bytes = checkpoint.bytes(name);
            if (wraps(bytes)) {
                return scope.manager().create(bytes, new Shape(entry.dimensions()), DataType.FLOAT32);
            }
        }
        return copied(checkpoint, entry, scope, PIECE);
    }

    /**
     * One tensor without a copy where that is possible: its memory is the file's, and a page is copied only when it is
     * written. Float32 that lies row-major and aligned in a file that may be opened for writing can be mapped so; anything
     * else is read into native memory, and {@link MappedFloats#isMapped()} says so.
     *
     * @param scope owns the array; keep the result, which holds the memory, as long as anything may point at the array
     * @return float32, shape as stored
     * @throws CheckpointException if it holds integers or truth values
     */
    public static MappedFloats mapped(Checkpoint checkpoint, String name, Scope scope) {
        TensorEntry entry = checkpoint.entry(name);
        if (entry.type() == StoredType.F32) {
            Optional<ByteBuffer> memory = checkpoint.privateBytes(name).filter(FloatReader::wraps);
            if (memory.isPresent()) {
                NDArray array = scope.manager().create(memory.get(), new Shape(entry.dimensions()), DataType.FLOAT32);
                return new MappedFloats(array, memory);
            }
        }
        return new MappedFloats(copied(checkpoint, entry, scope, PIECE), Optional.empty());
    }

    /** Whether {@link #mapped} would need no copy. */
    public static boolean canMap(Checkpoint checkpoint, String name) {
        return checkpoint.entry(name).type() == StoredType.F32
                && checkpoint.privateBytes(name).filter(FloatReader::wraps).isPresent();
    }

    /** Whether libtorch can use this memory as float32 where it lies. */
    private static boolean wraps(ByteBuffer bytes) {
        return bytes.isDirect()
                && bytes.hasRemaining()
                && bytes.alignmentOffset(0, Float.BYTES) == 0
                && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    }

    /**
     * One tensor in native memory of its own, read piece by piece straight into it: nothing of the file stays mapped, and
     * widening needs no second copy.
     *
     * @param scope owns the result
     * @return float32, shape as stored
     * @throws CheckpointException if it holds integers or truth values
     */
    public static NDArray copied(Checkpoint checkpoint, String name, Scope scope) {
        return copied(checkpoint, checkpoint.entry(name), scope, PIECE);
    }

    /**
     * Reads a tensor of any size into native memory, piece by piece.
     *
     * @param piece numbers at a time
     */
    static NDArray copied(Checkpoint checkpoint, TensorEntry entry, Scope scope, int piece) {
        Widening widening = widening(checkpoint, entry);
        int width = entry.type().bytes();
        long count = entry.count();
        NDArray whole = scope.manager().create(new Shape(entry.dimensions()), DataType.FLOAT32);
        if (count == 0) {
            return whole;
        }
        boolean asStored = entry.type() == StoredType.F32 && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        ByteBuffer stored = ByteBuffer.allocate(asStored ? 0 : (int) Math.min(piece, count) * width)
                .order(ByteOrder.LITTLE_ENDIAN);
        try (NDArray flat = whole.reshape(count)) {
            for (long from = 0; from < count; from += piece) {
                int numbers = (int) Math.min(piece, count - from);
                try (NDArray part = flat.get(new NDIndex().addSliceDim(from, from + numbers))) {
                    // The tensor's own memory, not a copy: a slice of one axis lies together.
                    ByteBuffer memory = part.toByteBuffer(true);
                    if (asStored) {
                        checkpoint.read(entry.name(), from * width, memory);
                    } else {
                        checkpoint.read(
                                entry.name(), from * width, stored.clear().limit(numbers * width));
                        widening.widen(stored.flip(), memory.asFloatBuffer());
                    }
                }
            }
        }
        return whole;
    }

    /**
     * Some numbers of one tensor, widened to the heap.
     *
     * @param from the first, counted row-major
     * @param into as many as it is long
     * @throws CheckpointException if it holds integers or truth values
     */
    public static void fill(Checkpoint checkpoint, String name, long from, float[] into) {
        TensorEntry entry = checkpoint.entry(name);
        Widening widening = widening(checkpoint, entry);
        int width = entry.type().bytes();
        ByteBuffer stored =
                ByteBuffer.allocate(Math.multiplyExact(into.length, width)).order(ByteOrder.LITTLE_ENDIAN);
        checkpoint.read(name, from * width, stored);
        widening.widen(stored.flip(), FloatBuffer.wrap(into));
    }

    private static Widening widening(Checkpoint checkpoint, TensorEntry entry) {
        return switch (entry.type()) {
            case F32 -> (stored, floats) -> floats.put(stored.asFloatBuffer());
            case F16 ->
                (stored, floats) -> {
                    while (floats.hasRemaining()) {
                        floats.put(fromHalf(stored.getShort()));
                    }
                };
            case BF16 ->
                (stored, floats) -> {
                    while (floats.hasRemaining()) {
                        floats.put(fromBfloat16(stored.getShort()));
                    }
                };
            case F64 ->
                (stored, floats) -> {
                    while (floats.hasRemaining()) {
                        floats.put((float) stored.getDouble());
                    }
                };
            default ->
                throw new CheckpointException("%s of %s holds %s, and parameters must be floating-point numbers."
                        .formatted(entry.name(), checkpoint.file(), entry.type()));
        };
    }

    /** Fills the floats from as many stored numbers. */
    @FunctionalInterface
    private interface Widening {
        void widen(ByteBuffer stored, FloatBuffer floats);
    }

    static float fromBfloat16(short stored) {
        return Float.intBitsToFloat(stored << 16);
    }

    static float fromHalf(short stored) {
        int bits = stored & 0xffff;
        int sign = (bits & HALF_SIGN) << 16;
        int exponent = bits & HALF_EXPONENT;
        int fraction = bits & HALF_FRACTION;
        if (exponent == HALF_EXPONENT) {
            return Float.intBitsToFloat(sign | 0x7f80_0000 | fraction << 13);
        }
        if (exponent != 0) {
            return Float.intBitsToFloat(sign | (exponent << 13) + 0x3800_0000 | fraction << 13);
        }
        float subnormal = fraction * 0x1p-24f;
        return sign == 0 ? subnormal : -subnormal;
    }
}
