package org.lens4j.weights;

import com.google.gson.JsonParseException;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.UnknownNameException;

/**
 * A checkpoint in several files, with an index that says which tensor is in which: {@code model.safetensors.index.json} or
 * {@code pytorch_model.bin.index.json}. The names of the shards are data from a download: each must be a plain file name,
 * and is looked for beside the index only.
 */
public final class Sharded implements Checkpoint {
    /** How the name of an index ends. */
    static final String INDEX = ".index.json";

    private static final long LARGEST = 64L << 20;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*\\.(safetensors|bin|pt|pth)");

    private final Path file;
    private final Map<String, Checkpoint> byTensor;
    private final List<Checkpoint> shards;

    private Sharded(Path file, Map<String, Checkpoint> byTensor, List<Checkpoint> shards) {
        this.file = file;
        this.byTensor = byTensor;
        this.shards = shards;
    }

    /**
     * Reads the index and opens every shard.
     *
     * @param file the index
     * @throws CheckpointException if the index is damaged, a shard is missing, damaged or no plain file name, a listed
     *     tensor is not in its shard, or a tensor is in two
     */
    public static Sharded open(Path file) {
        Map<String, String> listed = OpenFile.with(file, (channel, size) -> {
            if (size > LARGEST) {
                throw wrong(file, "it has %d bytes, and at most %d are read".formatted(size, LARGEST));
            }
            return weightMap(file, OpenFile.bytes(channel, 0, (int) size));
        });
        Map<String, Checkpoint> shards = new LinkedHashMap<>();
        Map<String, Checkpoint> byTensor = new LinkedHashMap<>();
        Set<String> names = new LinkedHashSet<>(listed.values());
        for (String name : names) {
            Checkpoint shard = shard(file, name, names);
            shards.put(name, shard);
            for (String tensor : shard.names()) {
                Optional<Checkpoint> other = Optional.ofNullable(byTensor.put(tensor, shard));
                if (other.isPresent()) {
                    throw wrong(
                            file,
                            "\"%s\" is in two shards, %s and %s"
                                    .formatted(tensor, other.get().file().getFileName(), name));
                }
            }
        }
        listed.forEach((tensor, name) -> {
            Checkpoint shard = java.util.Objects.requireNonNull(shards.get(name));
            if (!shard.has(tensor)) {
                throw wrong(file, "it says \"%s\" is in %s, which has no such tensor".formatted(tensor, name));
            }
        });
        return new Sharded(file, byTensor, List.copyOf(shards.values()));
    }

    private static Checkpoint shard(Path index, String name, Set<String> all) {
        Path file = beside(index, name);
        if (!Files.isRegularFile(file)) {
            List<String> missing = all.stream()
                    .filter(it -> !Files.isRegularFile(beside(index, it)))
                    .toList();
            throw new CheckpointException("%s lists %d files, and %d of them are missing beside it: %s. Download them."
                    .formatted(index, all.size(), missing.size(), String.join(", ", missing)));
        }
        return Checkpoint.open(file);
    }

    private static Path beside(Path index, String name) {
        if (!PLAIN.matcher(name).matches()) {
            throw wrong(index, "\"%s\" is no plain file name of weights".formatted(PickleFault.printable(name)));
        }
        return index.resolveSibling(name);
    }

    private static Map<String, String> weightMap(Path file, ByteBuffer json) {
        Map<String, String> listed = new LinkedHashMap<>();
        try {
            JsonReader reader = OpenFile.json(json);
            reader.beginObject();
            while (reader.hasNext()) {
                if (reader.nextName().equals("weight_map")) {
                    weightMap(file, reader, listed);
                } else {
                    reader.skipValue();
                }
            }
            reader.endObject();
        } catch (IOException | JsonParseException | IllegalStateException e) {
            CheckpointException wrong = wrong(file, "it is not the JSON of an index (%s)".formatted(e.getMessage()));
            wrong.initCause(e);
            throw wrong;
        }
        if (listed.isEmpty()) {
            throw wrong(file, "it has no weight_map, or an empty one");
        }
        return listed;
    }

    private static void weightMap(Path file, JsonReader reader, Map<String, String> listed) throws IOException {
        reader.beginObject();
        while (reader.peek() != JsonToken.END_OBJECT) {
            String tensor = reader.nextName();
            if (listed.put(tensor, reader.nextString()) != null) {
                throw wrong(file, "it names \"%s\" twice".formatted(tensor));
            }
        }
        reader.endObject();
    }

    private static CheckpointException wrong(Path file, String found) {
        return new CheckpointException(
                "%s is not a usable index of shards: %s. Copy or download the model again.".formatted(file, found));
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public List<Path> files() {
        return shards.stream().flatMap(it -> it.files().stream()).toList();
    }

    @Override
    public long size() {
        return shards.stream().mapToLong(Checkpoint::size).sum();
    }

    @Override
    public Collection<TensorEntry> entries() {
        return byTensor.entrySet().stream()
                .map(it -> it.getValue().entry(it.getKey()))
                .toList();
    }

    @Override
    public List<String> names() {
        return List.copyOf(byTensor.keySet());
    }

    @Override
    public boolean has(String name) {
        return byTensor.containsKey(name);
    }

    @Override
    public TensorEntry entry(String name) {
        return shard(name).entry(name);
    }

    @Override
    public ByteBuffer bytes(String name, long from, int count) {
        return shard(name).bytes(name, from, count);
    }

    @Override
    public void read(String name, long from, ByteBuffer into) {
        shard(name).read(name, from, into);
    }

    @Override
    public Optional<ByteBuffer> privateBytes(String name) {
        return shard(name).privateBytes(name);
    }

    private Checkpoint shard(String name) {
        return Optional.ofNullable(byTensor.get(name))
                .orElseThrow(() -> UnknownNameException.of("tensor", name, file.toString(), byTensor.keySet(), ""));
    }
}
