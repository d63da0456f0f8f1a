package org.lens4j.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.ShortBuffer;
import org.lens4j.error.CheckpointException;
import org.lens4j.tensor.Scope;

/**
 * Turns stored numbers into float32 tensors. Half-precision types are widened here, in Java: bfloat16 must never reach
 * DJL, which ends the JVM on it.
 */
public final class FloatReader {
    private static final int HALF_SIGN = 0x8000;
    private static final int HALF_EXPONENT = 0x7c00;
    private static final int HALF_FRACTION = 0x03ff;

    private FloatReader() {}

    /**
     * Reads one tensor.
     *
     * @param checkpoint the file
     * @param name a floating-point tensor in it
     * @param scope owns the result, which may point at the file's mapped bytes: duplicate it before the scope closes
     * @return float32, shape as stored
     * @throws CheckpointException if it holds integers or truth values, or is larger than 2 GiB
     */
    public static NDArray read(Safetensors checkpoint, String name, Scope scope) {
        TensorEntry entry = checkpoint.entry(name);
        if (entry.bytes() > Integer.MAX_VALUE) {
            throw new CheckpointException(
                    "%s of %s has %d bytes; tensors above 2 GiB are not read yet. Use a smaller model."
                            .formatted(name, checkpoint.file(), entry.bytes()));
        }
        Shape shape = new Shape(entry.dimensions());
        ByteBuffer bytes = checkpoint.bytes(name);
        return switch (entry.type()) {
            case F32 -> float32(bytes, shape, scope);
            case F16 -> widened(bytes.asShortBuffer(), shape, scope, FloatReader::fromHalf);
            case BF16 -> widened(bytes.asShortBuffer(), shape, scope, FloatReader::fromBfloat16);
            case F64 -> narrowed(bytes, shape, scope);
            default ->
                throw new CheckpointException("%s of %s holds %s, and parameters must be floating-point numbers."
                        .formatted(name, checkpoint.file(), entry.type()));
        };
    }

    private static NDArray float32(ByteBuffer bytes, Shape shape, Scope scope) {
        if (bytes.isDirect() && java.nio.ByteOrder.nativeOrder() == java.nio.ByteOrder.LITTLE_ENDIAN) {
            return scope.manager().create(bytes, shape, DataType.FLOAT32);
        }
        float[] values = new float[Math.toIntExact(shape.size())];
        bytes.asFloatBuffer().get(values);
        return scope.floats(values, shape);
    }

    private static NDArray widened(ShortBuffer stored, Shape shape, Scope scope, Widening widening) {
        FloatBuffer values = FloatBuffer.allocate(Math.toIntExact(shape.size()));
        while (stored.hasRemaining()) {
            values.put(widening.widen(stored.get()));
        }
        return scope.floats(values.array(), shape);
    }

    private static NDArray narrowed(ByteBuffer bytes, Shape shape, Scope scope) {
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) bytes.getDouble();
        }
        return scope.floats(values, shape);
    }

    @FunctionalInterface
    private interface Widening {
        float widen(short stored);
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
