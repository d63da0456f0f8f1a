package org.lens4j.weights;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.UnknownNameException;

/**
 * Named tensors in one file or in several. What the files claim is checked whole when they are opened; numbers are read
 * only when they are asked for.
 *
 * <pre>{@code
 * Checkpoint checkpoint = Checkpoint.open(Path.of("pytorch_model.bin"));
 * NDArray embedding = FloatReader.read(checkpoint, "wte.weight", scope);
 * }</pre>
 */
public sealed interface Checkpoint permits Safetensors, TorchPickle, Sharded {
    /**
     * Opens a checkpoint of any kind: an index of shards by its name ({@code *.index.json}), a {@code torch.save} file by
     * its first bytes, and safetensors otherwise.
     *
     * @throws CheckpointException if it is missing, damaged, unsafe or of an unknown kind
     */
    static Checkpoint open(Path file) {
        if (file.toString().endsWith(Sharded.INDEX)) {
            return Sharded.open(file);
        }
        ByteBuffer start = OpenFile.with(file, OpenFile::start);
        String text = StandardCharsets.ISO_8859_1.decode(start.duplicate()).toString();
        if (text.startsWith("version https://git-lfs")) {
            throw new CheckpointException(
                    "%s is a Git LFS pointer of a few lines, not the weights. Fetch them with git lfs pull."
                            .formatted(file));
        }
        return TorchPickle.mayBe(start) ? TorchPickle.open(file) : Safetensors.open(file);
    }

    /** The file it was opened from; for shards the index. */
    Path file();

    /** Every file that holds numbers. */
    List<Path> files();

    /** Bytes of all these files. */
    long size();

    /** Every tensor, in the file's order. */
    Collection<TensorEntry> entries();

    /** Names of all tensors, in the file's order. */
    default List<String> names() {
        return entries().stream().map(TensorEntry::name).toList();
    }

    /** Whether there is a tensor of that name. */
    boolean has(String name);

    /**
     * What is known of one tensor before it is read.
     *
     * @throws UnknownNameException if there is none of that name
     */
    TensorEntry entry(String name);

    /**
     * A part of one tensor's numbers, row-major and little-endian, whatever the order in the file. Mapped read-only where
     * the file system and the order in the file allow it; the memory belongs to the buffer, so hold the buffer as long as
     * anything points at it.
     *
     * @param from first byte, counted in the tensor; a multiple of the bytes of one number
     * @param count how many bytes; a multiple of the bytes of one number
     * @throws UnknownNameException if there is none of that name
     * @throws CheckpointException if the file cannot be read any more
     */
    ByteBuffer bytes(String name, long from, int count);

    /**
     * Copies a part of one tensor's numbers, row-major and little-endian, whatever the order in the file. Unlike
     * {@link #bytes(String, long, int)} it leaves no mapped pages behind.
     *
     * @param from first byte, counted in the tensor; a multiple of the bytes of one number
     * @param into filled from its position to its limit
     * @throws UnknownNameException if there is none of that name
     * @throws CheckpointException if the file cannot be read any more
     */
    void read(String name, long from, ByteBuffer into);

    /**
     * All bytes of one tensor.
     *
     * @throws UnknownNameException if there is none of that name
     * @throws CheckpointException if it is larger than 2 GiB, or the file cannot be read any more
     */
    default ByteBuffer bytes(String name) {
        TensorEntry entry = entry(name);
        if (entry.bytes() > Integer.MAX_VALUE) {
            throw new CheckpointException("%s of %s has %d bytes, and a buffer ends at 2 GiB. Read it in parts."
                    .formatted(name, file(), entry.bytes()));
        }
        return bytes(name, 0, (int) entry.bytes());
    }

    /**
     * The tensor's bytes in the file as memory that may be written: pages are copied when they are first written, and the
     * file never changes.
     *
     * @return the mapping, little-endian; empty if the numbers do not lie together in row-major order, are more than 2 GiB,
     *     or the file is not on the default file system or may not be opened for writing, as such a mapping needs
     * @throws UnknownNameException if there is none of that name
     */
    Optional<ByteBuffer> privateBytes(String name);
}
