package org.lens4j.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
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
public final class Safetensors {
    private static final int LENGTH_BYTES = 8;

    private final Path file;
    private final long dataStart;
    private final Map<String, TensorEntry> entries;

    private Safetensors(Path file, long dataStart, Map<String, TensorEntry> entries) {
        this.file = file;
        this.dataStart = dataStart;
        this.entries = entries;
    }

    /**
     * Reads and checks the header. No tensor is read yet.
     *
     * @param file a safetensors file
     * @throws CheckpointException if the file is missing, truncated or damaged
     */
    public static Safetensors open(Path file) {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            long size = channel.size();
            if (size < LENGTH_BYTES) {
                throw damaged(file, "it has %d bytes, less than the 8 of the header's length".formatted(size));
            }
            long headerLength = read(channel, LENGTH_BYTES).getLong();
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
            ByteBuffer header = read(channel, (int) headerLength);
            Map<String, TensorEntry> entries = SafetensorsHeader.parse(file, header, size - dataStart);
            return new Safetensors(file, dataStart, entries);
        } catch (NoSuchFileException e) {
            throw new CheckpointException("No file %s. Check the path.".formatted(file), e);
        } catch (IOException e) {
            throw new CheckpointException("%s could not be read: %s.".formatted(file, e), e);
        }
    }

    /** The file it was opened from. */
    public Path file() {
        return file;
    }

    /** Every tensor, in the file's order. */
    public Collection<TensorEntry> entries() {
        return entries.values();
    }

    /** Whether there is a tensor of that name. */
    public boolean has(String name) {
        return entries.containsKey(name);
    }

    /**
     * What the header says of one tensor.
     *
     * @throws UnknownNameException if the file has none of that name
     */
    public TensorEntry entry(String name) {
        return Optional.ofNullable(entries.get(name))
                .orElseThrow(() -> UnknownNameException.of("tensor", name, file.toString(), entries.keySet(), ""));
    }

    /**
     * The bytes of one tensor, little-endian as in the file. Mapped where the file system allows it; the memory belongs to
     * the buffer, so hold the buffer as long as anything points at it.
     *
     * @throws UnknownNameException if the file has none of that name
     */
    public ByteBuffer bytes(String name) {
        TensorEntry entry = entry(name);
        try {
            ByteBuffer bytes = file.getFileSystem().equals(FileSystems.getDefault()) ? mapped(entry) : copied(entry);
            return bytes.order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new UncheckedIOException("%s of %s could not be read".formatted(name, file), e);
        }
    }

    private ByteBuffer mapped(TensorEntry entry) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, dataStart + entry.begin(), entry.bytes());
        }
    }

    private ByteBuffer copied(TensorEntry entry) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            channel.position(dataStart + entry.begin());
            return read(channel, Math.toIntExact(entry.bytes()));
        }
    }

    private static ByteBuffer read(SeekableByteChannel channel, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new IOException("the file ended early");
            }
        }
        return buffer.flip();
    }

    static CheckpointException damaged(Path file, String found) {
        return new CheckpointException(
                "%s is not a whole safetensors file: %s. Copy or download it again.".formatted(file, found));
    }

    /** Names of all tensors, in the file's order. */
    public List<String> names() {
        return List.copyOf(entries.keySet());
    }
}
