package org.lens4j.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where the entries of a zip file lie. {@code torch.save} stores them uncompressed, so that they can be mapped; a
 * compressed entry is refused when it is asked for, which leaves no way to unpack a small file into a large one.
 */
final class ZipDirectory {
    private static final int END = 0x0605_4b50;
    private static final int END_BYTES = 22;
    private static final int END64 = 0x0606_4b50;
    private static final int END64_BYTES = 56;
    private static final int LOCATOR = 0x0706_4b50;
    private static final int LOCATOR_BYTES = 20;
    private static final int ENTRY = 0x0201_4b50;
    private static final int ENTRY_BYTES = 46;
    private static final int LOCAL = 0x0403_4b50;
    private static final int LOCAL_BYTES = 30;
    private static final int LONGEST_COMMENT = 0xffff;
    private static final long SEE_ZIP64 = 0xffff_ffffL;
    private static final long LARGEST = 64L << 20;

    private record Entry(boolean stored, long packed, long bytes, long header) {}

    private final PickleFault fault;
    private final long end;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private ZipDirectory(PickleFault fault, long end) {
        this.fault = fault;
        this.end = end;
    }

    /**
     * Reads the directory at the end of the file.
     *
     * @param size of the file
     */
    static ZipDirectory read(SeekableByteChannel channel, long size, PickleFault fault) throws IOException {
        int tail = (int) Math.min(size, END_BYTES + LONGEST_COMMENT);
        ByteBuffer bytes = OpenFile.bytes(channel, size - tail, tail);
        for (int at = tail - END_BYTES; at >= 0; at--) {
            if (bytes.getInt(at) == END && Short.toUnsignedInt(bytes.getShort(at + 20)) == tail - END_BYTES - at) {
                return directory(channel, bytes.slice(at, END_BYTES), size - tail + at, fault);
            }
        }
        throw fault.damaged("it has no directory at its end");
    }

    private static ZipDirectory directory(SeekableByteChannel channel, ByteBuffer slice, long end, PickleFault fault)
            throws IOException {
        ByteBuffer last = slice.order(ByteOrder.LITTLE_ENDIAN);
        long length = Integer.toUnsignedLong(last.getInt(12));
        long start = Integer.toUnsignedLong(last.getInt(16));
        if (length == SEE_ZIP64 || start == SEE_ZIP64 || last.getShort(10) == -1) {
            ByteBuffer wide = end64(channel, end, fault);
            length = wide.getLong(40);
            start = wide.getLong(48);
        }
        if (start < 0 || length < 0 || start > end || length > end - start || length > LARGEST) {
            throw fault.damaged("its directory claims %d bytes from byte %d on, and %d are before its end"
                    .formatted(length, start, end));
        }
        ZipDirectory directory = new ZipDirectory(fault, start);
        directory.add(OpenFile.bytes(channel, start, (int) length));
        return directory;
    }

    private static ByteBuffer end64(SeekableByteChannel channel, long end, PickleFault fault) throws IOException {
        if (end >= LOCATOR_BYTES) {
            ByteBuffer locator = OpenFile.bytes(channel, end - LOCATOR_BYTES, LOCATOR_BYTES);
            long at = locator.getLong(8);
            if (locator.getInt(0) == LOCATOR && at >= 0 && at <= end - LOCATOR_BYTES - END64_BYTES) {
                ByteBuffer wide = OpenFile.bytes(channel, at, END64_BYTES);
                if (wide.getInt(0) == END64) {
                    return wide;
                }
            }
        }
        throw fault.damaged("it has no directory for large files where one belongs");
    }

    private void add(ByteBuffer bytes) {
        while (bytes.remaining() >= ENTRY_BYTES) {
            int at = bytes.position();
            int nameLength = Short.toUnsignedInt(bytes.getShort(at + 28));
            int extraLength = Short.toUnsignedInt(bytes.getShort(at + 30));
            int commentLength = Short.toUnsignedInt(bytes.getShort(at + 32));
            int length = ENTRY_BYTES + nameLength + extraLength + commentLength;
            if (bytes.getInt(at) != ENTRY || length > bytes.remaining()) {
                throw fault.damaged("an entry of its directory is broken");
            }
            byte[] name = new byte[nameLength];
            bytes.get(at + ENTRY_BYTES, name);
            ByteBuffer extra =
                    bytes.slice(at + ENTRY_BYTES + nameLength, extraLength).order(ByteOrder.LITTLE_ENDIAN);
            String text = new String(name, StandardCharsets.UTF_8);
            if (entries.putIfAbsent(text, entry(bytes, at, extra)) != null) {
                throw fault.damaged("its directory names %s twice".formatted(PickleFault.printable(text)));
            }
            bytes.position(at + length);
        }
        if (bytes.hasRemaining()) {
            throw fault.damaged("its directory ends in the middle of an entry");
        }
    }

    private Entry entry(ByteBuffer bytes, int at, ByteBuffer extra) {
        boolean encrypted = (bytes.getShort(at + 8) & 1) != 0;
        boolean stored = bytes.getShort(at + 10) == 0 && !encrypted;
        long packed = Integer.toUnsignedLong(bytes.getInt(at + 20));
        long size = Integer.toUnsignedLong(bytes.getInt(at + 24));
        long header = Integer.toUnsignedLong(bytes.getInt(at + 42));
        ByteBuffer wide = zip64(extra);
        size = size == SEE_ZIP64 ? widened(wide) : size;
        packed = packed == SEE_ZIP64 ? widened(wide) : packed;
        header = header == SEE_ZIP64 ? widened(wide) : header;
        return new Entry(stored, packed, size, header);
    }

    /** The field of the extras that holds what 32 bits cannot; empty if there is none. */
    private static ByteBuffer zip64(ByteBuffer extra) {
        while (extra.remaining() >= 4) {
            int kind = Short.toUnsignedInt(extra.getShort());
            int length = Math.min(Short.toUnsignedInt(extra.getShort()), extra.remaining());
            if (kind == 1) {
                return extra.slice(extra.position(), length).order(ByteOrder.LITTLE_ENDIAN);
            }
            extra.position(extra.position() + length);
        }
        return ByteBuffer.allocate(0);
    }

    private long widened(ByteBuffer wide) {
        if (wide.remaining() < Long.BYTES) {
            throw fault.damaged("the size of an entry is missing");
        }
        return wide.getLong();
    }

    /** Names of the entries, in the order of the directory. */
    Set<String> names() {
        return entries.keySet();
    }

    /** Where the bytes of an entry lie. */
    Optional<FileRegion> region(SeekableByteChannel channel, String name) throws IOException {
        Optional<Entry> found = Optional.ofNullable(entries.get(name));
        return found.isEmpty() ? Optional.empty() : Optional.of(region(channel, name, found.get()));
    }

    private FileRegion region(SeekableByteChannel channel, String name, Entry entry) throws IOException {
        String shown = PickleFault.printable(name);
        if (!entry.stored() || entry.packed() != entry.bytes()) {
            throw fault.damaged("its entry %s is compressed or encrypted, and torch.save stores".formatted(shown));
        }
        if (entry.header() < 0 || entry.header() > end - LOCAL_BYTES) {
            throw fault.damaged("its entry %s begins at byte %d of %d".formatted(shown, entry.header(), end));
        }
        ByteBuffer local = OpenFile.bytes(channel, entry.header(), LOCAL_BYTES);
        long data = entry.header()
                + LOCAL_BYTES
                + Short.toUnsignedInt(local.getShort(26))
                + Short.toUnsignedInt(local.getShort(28));
        if (local.getInt(0) != LOCAL || entry.bytes() < 0 || data > end || entry.bytes() > end - data) {
            throw fault.damaged("its entry %s of %d bytes goes beyond byte %d".formatted(shown, entry.bytes(), end));
        }
        return new FileRegion(fault.file(), data, entry.bytes());
    }
}
