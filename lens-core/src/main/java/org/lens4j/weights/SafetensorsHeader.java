package org.lens4j.weights;

import com.google.gson.JsonParseException;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lens4j.error.CheckpointException;

/** Parses and checks the JSON header of a safetensors file. */
final class SafetensorsHeader {
    /** The format's own limit on a header, in bytes. */
    static final long LARGEST = 100_000_000;

    private static final String METADATA = "__metadata__";

    private final Path file;
    private final long dataBytes;

    private SafetensorsHeader(Path file, long dataBytes) {
        this.file = file;
        this.dataBytes = dataBytes;
    }

    /**
     * The tensors a header describes, sorted as their bytes lie in the file.
     *
     * @param file for messages
     * @param header UTF-8 JSON
     * @param dataBytes how many bytes follow the header
     * @throws CheckpointException if anything in it is wrong
     */
    static Map<String, TensorEntry> parse(Path file, ByteBuffer header, long dataBytes) {
        return new SafetensorsHeader(file, dataBytes).parse(header);
    }

    private Map<String, TensorEntry> parse(ByteBuffer header) {
        List<TensorEntry> entries = new ArrayList<>();
        try {
            String json = StandardCharsets.UTF_8.newDecoder().decode(header).toString();
            JsonReader reader = new JsonReader(new StringReader(json));
            reader.beginObject();
            while (reader.hasNext()) {
                String name = reader.nextName();
                if (name.equals(METADATA)) {
                    reader.skipValue();
                } else {
                    entries.add(entry(name, reader));
                }
            }
            reader.endObject();
        } catch (CharacterCodingException e) {
            throw wrong("its header is not UTF-8 text", e);
        } catch (IOException | JsonParseException | IllegalStateException | NumberFormatException e) {
            throw wrong("its header is not the JSON of the format (%s)".formatted(e.getMessage()), e);
        }
        return laidOut(entries);
    }

    private TensorEntry entry(String name, JsonReader reader) throws IOException {
        String type = "";
        List<Long> shape = List.of();
        List<Long> offsets = List.of();
        reader.beginObject();
        while (reader.hasNext()) {
            switch (reader.nextName()) {
                case "dtype" -> type = reader.nextString();
                case "shape" -> shape = numbers(reader);
                case "data_offsets" -> offsets = numbers(reader);
                default -> reader.skipValue();
            }
        }
        reader.endObject();
        if (offsets.size() != 2) {
            throw wrong("\"%s\" has no pair of data_offsets".formatted(name));
        }
        TensorEntry entry = new TensorEntry(name, type(name, type), shape, offsets.get(0), offsets.get(1));
        check(entry);
        return entry;
    }

    private static List<Long> numbers(JsonReader reader) throws IOException {
        List<Long> numbers = new ArrayList<>();
        reader.beginArray();
        while (reader.peek() != JsonToken.END_ARRAY) {
            numbers.add(reader.nextLong());
        }
        reader.endArray();
        return numbers;
    }

    private StoredType type(String name, String type) {
        for (StoredType known : StoredType.values()) {
            if (known.name().equals(type)) {
                return known;
            }
        }
        throw wrong(
                "\"%s\" has the type \"%s\", which is none of %s".formatted(name, type, List.of(StoredType.values())));
    }

    private void check(TensorEntry entry) {
        if (entry.begin() < 0 || entry.end() < entry.begin() || entry.end() > dataBytes) {
            throw wrong("\"%s\" lies at bytes %d to %d, and there are %d"
                    .formatted(entry.name(), entry.begin(), entry.end(), dataBytes));
        }
        long bytes = entry.type().bytes();
        try {
            for (long size : entry.shape()) {
                if (size < 0) {
                    throw wrong("\"%s\" has a negative size in its shape %s".formatted(entry.name(), entry.shape()));
                }
                bytes = Math.multiplyExact(bytes, size);
            }
        } catch (ArithmeticException e) {
            throw wrong("\"%s\" has the impossible shape %s".formatted(entry.name(), entry.shape()), e);
        }
        if (bytes != entry.bytes()) {
            throw wrong("\"%s\" of shape %s needs %d bytes and has %d"
                    .formatted(entry.name(), entry.shape(), bytes, entry.bytes()));
        }
    }

    private Map<String, TensorEntry> laidOut(List<TensorEntry> entries) {
        List<TensorEntry> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparingLong(TensorEntry::begin).thenComparingLong(TensorEntry::end));
        Map<String, TensorEntry> byName = new LinkedHashMap<>();
        long end = 0;
        for (TensorEntry entry : sorted) {
            if (entry.begin() < end) {
                throw wrong("\"%s\" overlaps the tensor before it".formatted(entry.name()));
            }
            if (entry.begin() > end) {
                throw wrong("%d bytes before \"%s\" belong to no tensor".formatted(entry.begin() - end, entry.name()));
            }
            end = entry.end();
            if (byName.putIfAbsent(entry.name(), entry) != null) {
                throw wrong("it names \"%s\" twice".formatted(entry.name()));
            }
        }
        if (end != dataBytes) {
            throw wrong("its tensors end at byte %d of %d".formatted(end, dataBytes));
        }
        return byName;
    }

    private CheckpointException wrong(String found) {
        return Safetensors.damaged(file, found);
    }

    private CheckpointException wrong(String found, Exception cause) {
        CheckpointException exception = wrong(found);
        exception.initCause(cause);
        return exception;
    }
}
