package org.lens4j.weights;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** Writes float32 tensors as a safetensors file that Python's reader accepts. */
public final class SafetensorsWriter {
    private static final int ALIGNMENT = 8;

    private SafetensorsWriter() {}

    /**
     * One tensor on the heap.
     *
     * @param shape sizes, outermost first
     * @param values row-major; not copied
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier between two methods, never compared
    public record Floats(long[] shape, float[] values) {}

    /**
     * Writes the file beside its place and moves it there, so that a reader never sees half of it.
     *
     * @param file where to
     * @param tensors by name, in the order they are to lie
     * @throws IOException if it cannot be written
     */
    public static void write(Path file, Map<String, Floats> tensors) throws IOException {
        JsonObject header = new JsonObject();
        JsonObject metadata = new JsonObject();
        metadata.addProperty("format", "pt");
        header.add("__metadata__", metadata);
        long offset = 0;
        for (Map.Entry<String, Floats> tensor : tensors.entrySet()) {
            long end = offset + (long) tensor.getValue().values().length * Float.BYTES;
            header.add(tensor.getKey(), describe(tensor.getValue(), offset, end));
            offset = end;
        }
        byte[] json = padded(header.toString());
        Path partial = file.resolveSibling(file.getFileName() + ".partial");
        try (FileChannel channel = FileChannel.open(
                partial, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writeFully(channel, littleEndian(Long.BYTES).putLong(json.length).flip());
            writeFully(channel, ByteBuffer.wrap(json));
            for (Floats tensor : tensors.values()) {
                ByteBuffer bytes = littleEndian(tensor.values().length * Float.BYTES);
                bytes.asFloatBuffer().put(tensor.values());
                writeFully(channel, bytes);
            }
        }
        Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private static JsonObject describe(Floats tensor, long begin, long end) {
        JsonArray shape = new JsonArray();
        for (long size : tensor.shape()) {
            shape.add(size);
        }
        JsonArray offsets = new JsonArray();
        offsets.add(begin);
        offsets.add(end);
        JsonObject entry = new JsonObject();
        entry.addProperty("dtype", StoredType.F32.name());
        entry.add("shape", shape);
        entry.add("data_offsets", offsets);
        return entry;
    }

    private static byte[] padded(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        int missing = (ALIGNMENT - bytes.length % ALIGNMENT) % ALIGNMENT;
        return (json + " ".repeat(missing)).getBytes(StandardCharsets.UTF_8);
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
