package org.lens4j.weights;

import com.google.gson.JsonParseException;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.lens4j.error.CheckpointException;

/** Parses and checks the JSON header of a safetensors file. */
final class SafetensorsHeader {
    /** The format's own limit on a header, in bytes. */
    static final long LARGEST = 100_000_000;

    /** More axes than any tensor has; a longer list is an attempt to fill the memory. */
    private static final int MOST_AXES = 64;

    private static final String METADATA = "__metadata__";

    private final Path file;
    private final long dataBytes;

    private SafetensorsHeader(Path file, long dataBytes) {
        this.file = file;
        this.dataBytes = dataBytes;
    }

    /**
     * A tensor and where its bytes lie.
     *
     * @param begin first byte, counted from the start of the data
     * @param end one past the last byte
     */
    record Placed(TensorEntry entry, long begin, long end) {}

    /**
     * The tensors a header describes, sorted as their bytes lie in the file.
     *
     * @param file for messages
     * @param header UTF-8 JSON
     * @param dataBytes how many bytes follow the header
     * @throws CheckpointException if anything in it is wrong
     */
    static List<Placed> parse(Path file, ByteBuffer header, long dataBytes) {
        return new SafetensorsHeader(file, dataBytes).parse(header);
    }

    private List<Placed> parse(ByteBuffer header) {
        List<Placed> entries = new ArrayList<>();
        try {
            // Decoded while it is parsed, so that a long header is not held twice; a strict decoder refuses wrong
            // bytes.
            JsonReader reader = OpenFile.json(header);
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
            if (reader.peek() != JsonToken.END_DOCUMENT) {
                throw wrong("something follows the JSON of its header");
            }
        } catch (CharacterCodingException e) {
            throw wrong("its header is not UTF-8 text", e);
        } catch (IOException | JsonParseException | IllegalStateException | NumberFormatException e) {
            throw wrong("its header is not the JSON of the format (%s)".formatted(e.getMessage()), e);
        }
        return laidOut(entries);
    }

    private Placed entry(String name, JsonReader reader) throws IOException {
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
        Placed placed = new Placed(new TensorEntry(name, type(name, type), shape), offsets.get(0), offsets.get(1));
        check(placed);
        return placed;
    }

    private List<Long> numbers(JsonReader reader) throws IOException {
        List<Long> numbers = new ArrayList<>();
        reader.beginArray();
        while (reader.peek() != JsonToken.END_ARRAY) {
            numbers.add(reader.nextLong());
            if (numbers.size() > MOST_AXES) {
                throw wrong("it gives a tensor more than %d axes".formatted(MOST_AXES));
            }
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

    private void check(Placed placed) {
        TensorEntry entry = placed.entry();
        if (placed.begin() < 0 || placed.end() < placed.begin() || placed.end() > dataBytes) {
            throw wrong("\"%s\" lies at bytes %d to %d, and there are %d"
                    .formatted(entry.name(), placed.begin(), placed.end(), dataBytes));
        }
        if (entry.shape().stream().anyMatch(size -> size < 0)) {
            throw wrong("\"%s\" has a negative size in its shape %s".formatted(entry.name(), entry.shape()));
        }
        long needed;
        try {
            needed = entry.bytes();
        } catch (ArithmeticException e) {
            throw wrong("\"%s\" has the impossible shape %s".formatted(entry.name(), entry.shape()), e);
        }
        if (needed != placed.end() - placed.begin()) {
            throw wrong("\"%s\" of shape %s needs %d bytes and has %d"
                    .formatted(entry.name(), entry.shape(), needed, placed.end() - placed.begin()));
        }
    }

    private List<Placed> laidOut(List<Placed> entries) {
        List<Placed> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparingLong(Placed::begin).thenComparingLong(Placed::end));
        Set<String> names = new HashSet<>();
        long end = 0;
        for (Placed placed : sorted) {
            String name = placed.entry().name();
            if (placed.begin() < end) {
                throw wrong("\"%s\" overlaps the tensor before it".formatted(name));
            }
            if (placed.begin() > end) {
                throw wrong("%d bytes before \"%s\" belong to no tensor".formatted(placed.begin() - end, name));
            }
            end = placed.end();
            if (!names.add(name)) {
                throw wrong("it names \"%s\" twice".formatted(name));
            }
        }
        if (end != dataBytes) {
            throw wrong("its tensors end at byte %d of %d".formatted(end, dataBytes));
        }
        return sorted;
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
