package org.lens4j.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Writes tensors as a safetensors file that Python's reader accepts, one after the other, each in pieces: nothing is held
 * but the piece that is being written.
 */
public final class SafetensorsWriter {
    /** Numbers written at a time: 32 MiB of float32. */
    static final int PIECE = 1 << 23;

    private SafetensorsWriter() {}

    /** One tensor to write. */
    public sealed interface Tensor permits Floats, Longs, Streamed {
        /** Sizes, outermost first. */
        long[] shape();

        /** How its numbers are stored. */
        StoredType type();

        /**
         * Some of its numbers.
         *
         * @param from the first, counted row-major
         * @param count how many
         * @return row-major, little-endian
         */
        ByteBuffer piece(long from, int count);
    }

    /**
     * Float32 numbers on the heap.
     *
     * @param shape sizes, outermost first
     * @param values row-major; not copied
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier between two methods, never compared
    public record Floats(long[] shape, float[] values) implements Tensor {
        @Override
        public StoredType type() {
            return StoredType.F32;
        }

        @Override
        public ByteBuffer piece(long from, int count) {
            ByteBuffer bytes = littleEndian(count * Float.BYTES);
            bytes.asFloatBuffer().put(values, (int) from, count);
            return bytes;
        }
    }

    /**
     * Int64 numbers on the heap.
     *
     * @param shape sizes, outermost first
     * @param values row-major; not copied
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier between two methods, never compared
    public record Longs(long[] shape, long[] values) implements Tensor {
        @Override
        public StoredType type() {
            return StoredType.I64;
        }

        @Override
        public ByteBuffer piece(long from, int count) {
            ByteBuffer bytes = littleEndian(count * Long.BYTES);
            bytes.asLongBuffer().put(values, (int) from, count);
            return bytes;
        }
    }

    /**
     * Numbers that are asked for when it is their turn, for tensors that lie elsewhere than on the heap.
     *
     * @param shape sizes, outermost first
     * @param type how {@code source} gives them
     * @param source gives them piece by piece, in order, each once
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier between two methods, never compared
    public record Streamed(long[] shape, StoredType type, Source source) implements Tensor {
        @Override
        public ByteBuffer piece(long from, int count) {
            return source.piece(from, count);
        }
    }

    /** Where the numbers of a {@link Streamed} tensor come from; {@link Tensor#piece} says what is asked. */
    @FunctionalInterface
    public interface Source {
        /** As {@link Tensor#piece}. */
        ByteBuffer piece(long from, int count);
    }

    /**
     * Writes the file beside its place and moves it there, so that a reader never sees half of it.
     *
     * @param file where to
     * @param tensors by name, in the order they are to lie
     * @throws IOException if it cannot be written
     */
    public static void write(Path file, Map<String, ? extends Tensor> tensors) throws IOException {
        SafetensorsLayout layout = new SafetensorsLayout();
        tensors.forEach((name, tensor) -> layout.add(name, tensor.type(), tensor.shape()));
        Path partial = file.resolveSibling(file.getFileName() + ".partial");
        try (FileChannel channel = FileChannel.open(
                partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writeFully(channel, layout.head());
            for (Map.Entry<String, ? extends Tensor> tensor : tensors.entrySet()) {
                write(channel, tensor.getKey(), tensor.getValue());
            }
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(partial);
            throw e;
        }
        Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private static void write(FileChannel channel, String name, Tensor tensor) throws IOException {
        long count = count(tensor);
        for (long from = 0; from < count; from += PIECE) {
            int numbers = (int) Math.min(PIECE, count - from);
            ByteBuffer bytes = tensor.piece(from, numbers);
            int expected = numbers * tensor.type().bytes();
            if (bytes.remaining() != expected) {
                // The header is written already: going on would shift every tensor that follows.
                throw new IllegalArgumentException("%s gave %d bytes for its numbers %d to %d, and %d were due."
                        .formatted(name, bytes.remaining(), from, from + numbers - 1, expected));
            }
            writeFully(channel, bytes);
        }
    }

    private static long count(Tensor tensor) {
        return LongStream.of(tensor.shape()).reduce(1L, Math::multiplyExact);
    }

    private static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
