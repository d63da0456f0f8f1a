package org.lens4j.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes what {@code torch.save} would, and what it never would, instruction by instruction. */
public final class TorchFile {
    private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    private final Map<String, byte[]> entries = new LinkedHashMap<>();

    /** An empty one. */
    public TorchFile() {
        code(0x80, 2);
    }

    /** Instructions and their arguments as bytes. */
    public TorchFile code(int... bytes) {
        for (int value : bytes) {
            pickle.write(value);
        }
        return this;
    }

    /** Instructions without arguments. */
    public TorchFile code(String instructions) {
        pickle.writeBytes(instructions.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    public TorchFile text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        code('X').code(bytes.length, bytes.length >> 8, bytes.length >> 16, bytes.length >> 24);
        pickle.writeBytes(bytes);
        return this;
    }

    public TorchFile whole(long value) {
        code(0x8a, Long.BYTES);
        pickle.writeBytes(ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array());
        return this;
    }

    public TorchFile wholes(long... values) {
        code("(");
        for (long value : values) {
            whole(value);
        }
        return code("t");
    }

    public TorchFile global(String module, String name) {
        return code("c" + module + "\n" + name + "\n");
    }

    /** A tensor as a view of a storage. */
    public TorchFile tensor(String type, String key, long count, long offset, long[] shape, long... strides) {
        global("torch._utils", "_rebuild_tensor_v2").code("((");
        text("storage").global("torch", type + "Storage").text(key).text("cpu").whole(count);
        code("tQ").whole(offset).wholes(shape).wholes(strides).code(0x89);
        return global("collections", "OrderedDict").code(")RtR");
    }

    public TorchFile floats(String key, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return entry("data/" + key, bytes.array());
    }

    public TorchFile entry(String name, byte... bytes) {
        entries.put(name, bytes);
        return this;
    }

    public byte[] pickle() {
        return pickle.toByteArray();
    }

    public byte[] zip(int method) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            put(zip, method, "it/data.pkl", pickle());
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                put(zip, method, "it/" + entry.getKey(), entry.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static void put(ZipOutputStream zip, int method, String name, byte[] bytes) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(method);
        if (method == ZipEntry.STORED) {
            CRC32 sum = new CRC32();
            sum.update(bytes);
            entry.setCrc(sum.getValue());
            entry.setSize(bytes.length);
        }
        zip.putNextEntry(entry);
        ((OutputStream) zip).write(bytes);
        zip.closeEntry();
    }

    public Path write(Path file) {
        try {
            return Files.write(file, zip(ZipEntry.STORED));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
