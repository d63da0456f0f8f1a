package org.lens4j.cache;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lens4j.error.StateException;
import org.lens4j.tensor.Scope;

/**
 * A temporary file with the bytes of tensors, deleted when it is closed and when the JVM ends. It is read and written by
 * plain file access, which a thread's interrupt does not break.
 */
final class SpillFile implements AutoCloseable {
    /** Numbers copied at a time. */
    private static final int PIECE = 1 << 20;
    /** Left free on the disk for everybody else. */
    static final long SPARE = 64L << 20;

    private final Path path;
    private final RandomAccessFile file;
    private final byte[] buffer = new byte[PIECE * Long.BYTES];
    private long end;

    private SpillFile(Path path, RandomAccessFile file) {
        this.path = path;
        this.file = file;
    }

    /** Where a tensor lies in the file. */
    record Region(long position, Shape shape, DataType type) {}

    /** Makes an empty one, which only this user may read. */
    static SpillFile in(Path folder) {
        try {
            Path path = Files.createTempFile(folder, "lens4j-cache-", ".spill");
            path.toFile().deleteOnExit();
            return new SpillFile(path, new RandomAccessFile(path.toFile(), "rw"));
        } catch (IOException e) {
            throw failed("no temporary file could be made in " + folder, e);
        }
    }

    Path path() {
        return path;
    }

    long bytes() {
        return end;
    }

    /**
     * Appends a tensor.
     *
     * @param tensor stays with its owner
     * @throws StateException if the disk is full
     */
    Region write(NDArray tensor) {
        Region region = new Region(end, tensor.getShape(), tensor.getDataType());
        requireRoom(tensor.size() * tensor.getDataType().getNumOfBytes());
        try {
            file.seek(end);
        } catch (IOException e) {
            throw failed(path + " cannot be written", e);
        }
        pieces(tensor, part -> {
            int count = part.remaining();
            part.get(buffer, 0, count);
            file.write(buffer, 0, count);
        });
        end += tensor.size() * tensor.getDataType().getNumOfBytes();
        return region;
    }

    private void requireRoom(long bytes) {
        long free = path.toFile().getUsableSpace();
        if (free - bytes < SPARE) {
            throw new StateException(
                    "This cache is over its budget, and the next activation (%,d bytes) does not fit into %s, which has %,d bytes left. Cache fewer hook points or positions, keep them as float16, or give CacheBudget another folder."
                            .formatted(bytes, path.getParent(), free));
        }
    }

    /**
     * Reads a tensor back.
     *
     * @return in native memory of its own, owned by the scope
     */
    NDArray read(Region region, Scope scope) {
        NDArray tensor = scope.manager().create(region.shape(), region.type());
        try {
            file.seek(region.position());
        } catch (IOException e) {
            throw failed(path + " cannot be read", e);
        }
        pieces(tensor, part -> {
            int count = part.remaining();
            file.readFully(buffer, 0, count);
            part.put(buffer, 0, count);
        });
        return tensor;
    }

    /** Hands out the memory of a tensor, piece by piece in row-major order; of a copy where it does not lie together. */
    private void pieces(NDArray tensor, Piece use) {
        long size = tensor.size();
        try (Scope scope = Scope.root()) {
            NDArray flat = scope.adopt(tensor.flatten());
            for (long from = 0; from < size; from += PIECE) {
                long to = Math.min(size, from + PIECE);
                try (NDArray part = flat.get(new NDIndex().addSliceDim(from, to))) {
                    use.with(part.toByteBuffer(true));
                }
            }
        } catch (IOException e) {
            throw failed(path + " cannot be read or written", e);
        }
    }

    /** What is done with a piece's bytes. */
    @FunctionalInterface
    private interface Piece {
        void with(ByteBuffer bytes) throws IOException;
    }

    private static StateException failed(String what, IOException e) {
        StateException failure = new StateException(
                "A cache over its budget is kept in a temporary file, and %s: %s. Give CacheBudget another folder, or a larger budget."
                        .formatted(what, e.getMessage()));
        failure.initCause(e);
        return failure;
    }

    @Override
    public void close() {
        try {
            file.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw failed(path + " cannot be deleted", e);
        }
    }
}
