package org.lens4j.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.UnknownNameException;

/**
 * A safetensors file: 8 bytes of header length, a JSON header, then the numbers. The header is checked whole when the file
 * is opened: length against the file, types, shapes against byte counts, no overlap, no gap. Files on the default file
 * system are mapped tensor by tensor; others (inside a jar) are read.
 */
public final class Safetensors implements Checkpoint {
    private static final int LENGTH_BYTES = 8;

    private final Path file;
    private final long size;
    private final Map<String, TensorEntry> entries;
    private final Map<String, FileRegion> regions;

    private Safetensors(Path file, long size, Map<String, TensorEntry> entries, Map<String, FileRegion> regions) {
        this.file = file;
        this.size = size;
        this.entries = entries;
        this.regions = regions;
    }

    /**
     * Reads and checks the header. No tensor is read yet.
     *
     * @param file a safetensors file
     * @throws CheckpointException if the file is missing, truncated or damaged
     */
    public static Safetensors open(Path file) {
        return OpenFile.with(file, (channel, size) -> read(file, channel, size));
    }

    /** Reads from a channel what {@link #open} reads from the file. */
    static Safetensors read(Path file, SeekableByteChannel channel, long size) throws IOException {
        if (size < LENGTH_BYTES) {
            throw damaged(file, "it has %d bytes, less than the 8 of the header's length".formatted(size));
        }
        long headerLength = OpenFile.bytes(channel, 0, LENGTH_BYTES).getLong();
        if (headerLength < 2 || headerLength > size - LENGTH_BYTES || headerLength > SafetensorsHeader.LARGEST) {
            throw damaged(
                    file,
                    "its header claims %s bytes, and the file has %d after the length (largest allowed header: %d)"
                            .formatted(
                                    Long.toUnsignedString(headerLength),
                                    size - LENGTH_BYTES,
                                    SafetensorsHeader.LARGEST));
        }
        long dataStart = LENGTH_BYTES + headerLength;
        ByteBuffer header = OpenFile.bytes(channel, LENGTH_BYTES, (int) headerLength);
        Map<String, TensorEntry> entries = new LinkedHashMap<>();
        Map<String, FileRegion> regions = new LinkedHashMap<>();
        for (SafetensorsHeader.Placed placed : SafetensorsHeader.parse(file, header, size - dataStart)) {
            String name = placed.entry().name();
            entries.put(name, placed.entry());
            regions.put(name, new FileRegion(file, dataStart + placed.begin(), placed.end() - placed.begin()));
        }
        return new Safetensors(file, size, entries, regions);
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public List<Path> files() {
        return List.of(file);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public Collection<TensorEntry> entries() {
        return java.util.Collections.unmodifiableCollection(entries.values());
    }

    @Override
    public boolean has(String name) {
        return entries.containsKey(name);
    }

    @Override
    public TensorEntry entry(String name) {
        return Optional.ofNullable(entries.get(name)).orElseThrow(() -> unknown(name));
    }

    @Override
    public ByteBuffer bytes(String name, long from, int count) {
        return region(name).part(from, count).bytes();
    }

    @Override
    public void read(String name, long from, ByteBuffer into) {
        region(name).part(from, into.remaining()).read(into);
    }

    @Override
    public Optional<ByteBuffer> privateBytes(String name) {
        return region(name).privateBytes();
    }

    private FileRegion region(String name) {
        return Optional.ofNullable(regions.get(name)).orElseThrow(() -> unknown(name));
    }

    private UnknownNameException unknown(String name) {
        return UnknownNameException.of("tensor", name, file.toString(), entries.keySet(), "");
    }

    static CheckpointException damaged(Path file, String found) {
        return new CheckpointException(
                "%s is not a whole safetensors file: %s. Copy or download it again.".formatted(file, found));
    }
}
