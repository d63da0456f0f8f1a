package org.lens4j.weights;

import com.google.gson.stream.JsonReader;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.lens4j.error.CheckpointException;

/** What is done with an open file; the file is closed afterwards. */
@FunctionalInterface
interface OpenFile<T> {
    /**
     * Reads.
     *
     * @param size bytes in the file
     */
    T read(SeekableByteChannel channel, long size) throws IOException;

    /**
     * Opens, reads, closes.
     *
     * @throws CheckpointException if the file is missing or cannot be read
     */
    static <T> T with(Path file, OpenFile<T> reading) {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            return reading.read(channel, channel.size());
        } catch (NoSuchFileException e) {
            throw new CheckpointException("No file %s. Check the path.".formatted(file), e);
        } catch (IOException e) {
            throw new CheckpointException("%s could not be read: %s.".formatted(file, e), e);
        }
    }

    /** The first bytes, enough to tell one kind of file from another. */
    static ByteBuffer start(SeekableByteChannel channel, long size) throws IOException {
        return bytes(channel, 0, (int) Math.min(size, 64));
    }

    /** Reads so many bytes from there on, little-endian; fails if the file ends early. */
    static ByteBuffer bytes(SeekableByteChannel channel, long position, int count) throws IOException {
        if (count > channel.size() - position) {
            throw new EOFException("it ends early");
        }
        ByteBuffer buffer = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        fill(channel, position, buffer);
        return buffer.flip();
    }

    /** Reads from there on until the buffer is full; fails if the file ends early. */
    static void fill(SeekableByteChannel channel, long position, ByteBuffer buffer) throws IOException {
        channel.position(position);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("it ended early");
            }
        }
    }

    /** JSON in UTF-8, decoded while it is parsed, so that a long text is not held twice; wrong bytes are refused. */
    static JsonReader json(ByteBuffer bytes) {
        return new JsonReader(new InputStreamReader(
                new ByteArrayInputStream(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining()),
                StandardCharsets.UTF_8.newDecoder()));
    }
}
