package org.lens4j.weights;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.LongStream;

/** Where tensors lie in a safetensors file that is written: one after the other, without gaps. */
final class SafetensorsLayout {
    private static final int ALIGNMENT = 8;

    private final JsonObject header = new JsonObject();
    private final Map<String, Long> begins = new LinkedHashMap<>();
    private long end;

    SafetensorsLayout() {
        JsonObject metadata = new JsonObject();
        metadata.addProperty("format", "pt");
        header.add("__metadata__", metadata);
    }

    /** Adds a tensor behind the others. */
    void add(String name, StoredType type, long... shape) {
        long count = LongStream.of(shape).reduce(1L, Math::multiplyExact);
        long begin = end;
        end = Math.addExact(begin, Math.multiplyExact(count, (long) type.bytes()));
        begins.put(name, begin);
        JsonArray sizes = new JsonArray();
        LongStream.of(shape).forEach(sizes::add);
        JsonArray offsets = new JsonArray();
        offsets.add(begin);
        offsets.add(end);
        JsonObject entry = new JsonObject();
        entry.addProperty("dtype", type.name());
        entry.add("shape", sizes);
        entry.add("data_offsets", offsets);
        header.add(name, entry);
    }

    /** The first byte of each tensor, counted from the start of the data. */
    Map<String, Long> begins() {
        return begins;
    }

    /** Bytes of all tensors. */
    long bytes() {
        return end;
    }

    /** What stands before the data: the header's length and the header, filled up so that the data is aligned. */
    ByteBuffer head() {
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        return head(Long.BYTES + json.length + (ALIGNMENT - json.length % ALIGNMENT) % ALIGNMENT);
    }

    /** The same, filled up to so many bytes. */
    ByteBuffer head(int bytes) {
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer head = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        head.putLong(bytes - Long.BYTES).put(json);
        while (head.hasRemaining()) {
            head.put((byte) ' ');
        }
        return head.flip();
    }
}
