package org.lens4j.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import org.lens4j.error.CheckpointException;

/**
 * A tensor as a view of stored numbers, checked to lie within them.
 *
 * @param storage the numbers
 * @param entry what the tensor is
 * @param offset of its first number in the storage
 * @param strides for each axis, how many numbers further the next one lies
 */
record StoredView(FileRegion storage, TensorEntry entry, long offset, List<Long> strides) {
    /** A part of its numbers in row-major order: the file's memory if they lie so, gathered otherwise. */
    ByteBuffer bytes(long from, int count) {
        int width = entry.type().bytes();
        if (isRowMajor()) {
            return rowMajor().part(from, count).bytes();
        }
        long span = Math.multiplyExact(span(), (long) width);
        if (span > Integer.MAX_VALUE) {
            throw new CheckpointException(
                    "%s of %s is stored transposed over %d bytes, and that is read up to 2 GiB. Save it contiguous."
                            .formatted(entry.name(), storage.file(), span));
        }
        ByteBuffer all = storage.part(offset * width, span).bytes();
        ByteBuffer gathered = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        gather(all, from / width, gathered);
        return gathered.flip();
    }

    /** Copies a part of its numbers in row-major order. */
    void read(long from, ByteBuffer into) {
        if (isRowMajor()) {
            rowMajor().part(from, into.remaining()).read(into);
        } else {
            into.put(bytes(from, into.remaining()));
        }
    }

    /** Its bytes as memory that may be written, if they lie row-major. */
    Optional<ByteBuffer> privateBytes() {
        return isRowMajor() ? rowMajor().privateBytes() : Optional.empty();
    }

    private FileRegion rowMajor() {
        return storage.part(entry.count() == 0 ? 0 : offset * entry.type().bytes(), entry.bytes());
    }

    private boolean isRowMajor() {
        long expected = 1;
        for (int axis = entry.shape().size() - 1; axis >= 0; axis--) {
            long size = entry.shape().get(axis);
            if (size > 1 && strides.get(axis) != expected) {
                return entry.count() == 0;
            }
            expected *= size;
        }
        return true;
    }

    /** Numbers from the first to the last it points at. */
    private long span() {
        long last = 0;
        for (int axis = 0; axis < strides.size(); axis++) {
            last += (entry.shape().get(axis) - 1) * strides.get(axis);
        }
        return last + 1;
    }

    private void gather(ByteBuffer all, long first, ByteBuffer gathered) {
        int width = entry.type().bytes();
        long[] shape = entry.dimensions();
        long[] index = new long[shape.length];
        long at = 0;
        long rest = first;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            index[axis] = rest % shape[axis];
            rest /= shape[axis];
            at += index[axis] * strides.get(axis);
        }
        while (gathered.hasRemaining()) {
            copy(all, Math.toIntExact(at * width), width, gathered);
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                at += strides.get(axis);
                if (++index[axis] < shape[axis]) {
                    break;
                }
                at -= index[axis] * strides.get(axis);
                index[axis] = 0;
            }
        }
    }

    private static void copy(ByteBuffer from, int at, int width, ByteBuffer to) {
        switch (width) {
            case 1 -> to.put(from.get(at));
            case 2 -> to.putShort(from.getShort(at));
            case 4 -> to.putInt(from.getInt(at));
            default -> to.putLong(from.getLong(at));
        }
    }
}
