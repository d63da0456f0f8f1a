package org.lens4j.tensor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes TorchScript source as the archive libtorch loads: a stored zip with an empty module object, its methods as text,
 * an empty constant table and the format's version.
 */
final class TorchScriptArchive {
    private static final String FORMAT_VERSION = "10\n";

    /** Pickle, protocol 2: an object of class {@code __torch__.Kernels} whose state is {@code {"training": False}}. */
    private static final String MODULE = "\u0080\u0002c__torch__\nKernels\n)\u0081}X\b\0\0\0training\u0089sb.";

    /** Pickle, protocol 2: the empty tuple. */
    private static final String NO_CONSTANTS = "\u0080\u0002).";

    private TorchScriptArchive() {}

    /**
     * The archive's bytes.
     *
     * @param source a class {@code Kernels(Module)} in TorchScript
     */
    static byte[] of(String source) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            put(zip, "kernels/data.pkl", MODULE.getBytes(StandardCharsets.ISO_8859_1));
            put(zip, "kernels/code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
            put(zip, "kernels/constants.pkl", NO_CONSTANTS.getBytes(StandardCharsets.ISO_8859_1));
            put(zip, "kernels/version", FORMAT_VERSION.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCompressedSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
