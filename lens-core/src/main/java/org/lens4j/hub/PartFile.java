package org.lens4j.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;

/**
 * A file on its way: {@code <etag>.incomplete}. It grows as bytes arrive and stays when they stop, so that the next attempt
 * goes on where this one ended. Bytes arrive on the network's thread, everything else on the caller's.
 */
final class PartFile implements AutoCloseable {
    /** The disk would not take the bytes. */
    static final class DiskException extends IOException {
        DiskException(IOException cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** More bytes came than the hub announced. */
    static final class TooLongException extends IOException {
        TooLongException(long total) {
            super("more bytes came than the %,d that were announced".formatted(total));
        }
    }

    private final Path path;
    private final OptionalLong total;
    private final Machine machine;
    private WritableByteChannel channel;
    private long size;

    PartFile(Path path, OptionalLong total, Machine machine) throws IOException {
        this.path = path;
        this.total = total;
        this.machine = machine;
        this.size = Files.exists(path) ? Files.size(path) : 0;
        this.channel = machine.append(path);
    }

    /** How many bytes are there. */
    synchronized long size() {
        return size;
    }

    /** How many bytes there will be, if the hub said it. */
    OptionalLong total() {
        return total;
    }

    /** Whether every announced byte is there. */
    synchronized boolean isFull() {
        return total.isPresent() && size == total.getAsLong();
    }

    /** Starts from nothing. */
    synchronized void restart() throws IOException {
        channel.close();
        Files.deleteIfExists(path);
        channel = machine.append(path);
        size = 0;
    }

    /** Takes bytes at the end. */
    synchronized void append(ByteBuffer bytes) throws IOException {
        if (total.isPresent() && size + bytes.remaining() > total.getAsLong()) {
            throw new TooLongException(total.getAsLong());
        }
        try {
            while (bytes.hasRemaining()) {
                size += channel.write(bytes);
            }
        } catch (IOException e) {
            throw new DiskException(e);
        }
    }

    /** Makes sure the bytes are on the disk, not only in memory. */
    void flush() throws IOException {
        try (FileChannel written = FileChannel.open(path, StandardOpenOption.WRITE)) {
            written.force(true);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        channel.close();
    }
}
