package org.lens4j.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A safetensors file that grows by rows: every tensor is a column with the same number of rows, and rows are put straight
 * into their place in the file, so that nothing is held. Until {@link #finish} it is no safetensors file: give it a name
 * that says so.
 *
 * <pre>{@code
 * try (SafetensorsRows rows = SafetensorsRows.create(partial, Map.of("x", new Column(StoredType.F32, 64)), 65_536)) {
 *     rows.append("x", bytes);     // 256 bytes for each row
 *     rows.finish();
 * }
 * }</pre>
 *
 * One thread at a time.
 */
public final class SafetensorsRows implements AutoCloseable {
    /** Bytes moved at a time where a file ends before it is full. */
    private static final int PIECE = 1 << 20;

    private final Path file;
    private final FileChannel channel;
    private final Map<String, Column> columns;
    private final Map<String, Long> begins;
    private final Map<String, Long> written = new LinkedHashMap<>();
    private final long capacity;
    private final int headBytes;
    private boolean finished;

    private SafetensorsRows(Path file, FileChannel channel, Map<String, Column> columns, long capacity) {
        this.file = file;
        this.channel = channel;
        this.columns = columns;
        this.capacity = capacity;
        SafetensorsLayout layout = layout(capacity);
        this.begins = layout.begins();
        this.headBytes = layout.head().remaining();
        columns.keySet().forEach(name -> written.put(name, 0L));
    }

    /**
     * One column.
     *
     * @param type of its numbers
     * @param width numbers in a row; 0 for one number and no second axis
     */
    public record Column(StoredType type, long width) {
        /** Bytes of one row. */
        public long rowBytes() {
            return Math.max(1, width) * type.bytes();
        }

        private long[] shape(long rows) {
            return width == 0 ? new long[] {rows} : new long[] {rows, width};
        }
    }

    /**
     * Begins a file; replaces one of that name.
     *
     * @param file where to
     * @param columns by name, in the order they are to lie; copied
     * @param rows the most it will have
     * @throws IOException if it cannot be written
     */
    public static SafetensorsRows create(Path file, Map<String, Column> columns, long rows) throws IOException {
        FileChannel channel = FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        return new SafetensorsRows(file, channel, new LinkedHashMap<>(columns), rows);
    }

    private SafetensorsLayout layout(long rows) {
        SafetensorsLayout layout = new SafetensorsLayout();
        columns.forEach((name, column) -> layout.add(name, column.type(), column.shape(rows)));
        return layout;
    }

    /**
     * Adds rows to one column.
     *
     * @param name of the column
     * @param bytes whole rows, little-endian; read to their end
     * @throws IOException if they cannot be written
     */
    public void append(String name, ByteBuffer bytes) throws IOException {
        Column column = Objects.requireNonNull(columns.get(name), name);
        long before = Objects.requireNonNull(written.get(name), name);
        long rows = bytes.remaining() / column.rowBytes();
        if (bytes.remaining() % column.rowBytes() != 0 || before + rows > capacity) {
            throw new IllegalArgumentException("%d bytes behind %d of %d rows of %s, of %d bytes each, do not fit."
                    .formatted(bytes.remaining(), before, capacity, name, column.rowBytes()));
        }
        writeFully(headBytes + begin(begins, name) + before * column.rowBytes(), bytes);
        written.put(name, before + rows);
    }

    /**
     * Writes the header and waits until everything is on the disk. The file has the rows that were added.
     *
     * @throws IOException if it cannot be written
     */
    public void finish() throws IOException {
        long rows = written.values().stream().mapToLong(it -> it).max().orElse(0);
        if (written.values().stream().anyMatch(it -> it != rows)) {
            throw new IllegalStateException("Columns of one file have different numbers of rows: " + written);
        }
        SafetensorsLayout layout = layout(rows);
        if (rows < capacity) {
            for (Map.Entry<String, Column> column : columns.entrySet()) {
                long from = headBytes + begin(begins, column.getKey());
                long to = headBytes + begin(layout.begins(), column.getKey());
                moveDown(from, to, rows * column.getValue().rowBytes());
            }
        }
        channel.truncate(headBytes + layout.bytes());
        // Fewer rows need no more digits, so the header fits into the space that was left for it.
        writeFully(0, layout.head(headBytes));
        channel.force(true);
        channel.close();
        finished = true;
    }

    private static long begin(Map<String, Long> begins, String name) {
        return Objects.requireNonNull(begins.get(name), name);
    }

    private void moveDown(long from, long to, long bytes) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE);
        for (long moved = 0; from != to && moved < bytes; ) {
            piece.clear().limit((int) Math.min(PIECE, bytes - moved));
            while (piece.hasRemaining()) {
                if (channel.read(piece, from + moved + piece.position()) < 0) {
                    throw new IOException("%s became shorter while it was written.".formatted(file));
                }
            }
            piece.flip();
            int count = piece.remaining();
            writeFully(to + moved, piece);
            moved += count;
        }
    }

    private void writeFully(long position, ByteBuffer bytes) throws IOException {
        long at = position;
        while (bytes.hasRemaining()) {
            at += channel.write(bytes, at);
        }
    }

    /** Deletes the file unless it is finished. */
    @Override
    public void close() throws IOException {
        channel.close();
        if (!finished) {
            Files.deleteIfExists(file);
        }
    }
}
