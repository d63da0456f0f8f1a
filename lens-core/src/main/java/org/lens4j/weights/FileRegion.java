package org.lens4j.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.Optional;
import org.lens4j.error.CheckpointException;

/**
 * Bytes that lie together in a file.
 *
 * @param position the first, counted from the start of the file
 * @param length how many
 */
record FileRegion(Path file, long position, long length) {
    /** A part of it, in the same units. */
    FileRegion part(long from, long count) {
        Objects.checkFromIndexSize(from, count, length);
        return new FileRegion(file, position + from, count);
    }

    /**
     * All of it, little-endian: mapped on the default file system, read on others (inside a jar).
     *
     * @throws CheckpointException if it cannot be read any more
     */
    ByteBuffer bytes() {
        int count = Math.toIntExact(length);
        if (!onDefaultFileSystem()) {
            return OpenFile.with(file, (channel, size) -> OpenFile.bytes(channel, position, count));
        }
        try (FileChannel channel = FileChannel.open(file)) {
            if (channel.size() < position + length) {
                throw shorter();
            }
            return channel.map(FileChannel.MapMode.READ_ONLY, position, length).order(ByteOrder.LITTLE_ENDIAN);
        } catch (IOException e) {
            throw new CheckpointException("%s could not be read: %s.".formatted(file, e), e);
        }
    }

    /**
     * Copies all of it.
     *
     * @param into as many bytes as it has between position and limit
     * @throws CheckpointException if it cannot be read any more
     */
    void read(ByteBuffer into) {
        OpenFile.with(file, (channel, size) -> {
            if (size < position + length) {
                throw shorter();
            }
            OpenFile.fill(channel, position, into);
            return into;
        });
    }

    /** All of it as memory that may be written without changing the file, if the file allows such a mapping. */
    Optional<ByteBuffer> privateBytes() {
        if (!onDefaultFileSystem() || length > Integer.MAX_VALUE || !Files.isWritable(file)) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            // A mapping beyond the end would make the file longer.
            if (channel.size() < position + length) {
                return Optional.empty();
            }
            return Optional.of(
                    channel.map(FileChannel.MapMode.PRIVATE, position, length).order(ByteOrder.LITTLE_ENDIAN));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private CheckpointException shorter() {
        return new CheckpointException(
                "%s has become shorter since it was opened. Load the model again.".formatted(file));
    }

    private boolean onDefaultFileSystem() {
        return file.getFileSystem().equals(FileSystems.getDefault());
    }
}
