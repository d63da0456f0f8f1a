package org.lens4j.load;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.lens4j.error.CheckpointException;

/** A file the weights were read from. Its hash is computed when somebody asks: it costs about a second for each GB. */
public final class WeightFile {
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");
    private static final int CHUNK = 1 << 20;

    private final Path path;
    private final long bytes;
    private Optional<String> sha256;

    WeightFile(Path path) {
        this.path = path;
        try {
            this.bytes = Files.size(path);
            this.sha256 = ofBlob(path);
        } catch (IOException e) {
            throw gone(path, e);
        }
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** Its size. */
    public long bytes() {
        return bytes;
    }

    /**
     * SHA-256 of its bytes in hexadecimal digits. A blob of the hub's cache is named by it, and was checked when it came.
     *
     * @throws CheckpointException if it cannot be read any more
     */
    public synchronized String sha256() {
        if (sha256.isEmpty()) {
            try {
                sha256 = Optional.of(computed(path));
            } catch (IOException e) {
                throw gone(path, e);
            }
        }
        return sha256.get();
    }

    /** The hash of a file in the hub's cache, {@code blobs/<sha256>}. */
    private static Optional<String> ofBlob(Path path) throws IOException {
        Path real = path.toRealPath();
        Path folder = real.getParent();
        boolean blob = folder != null && folder.endsWith("blobs");
        String name = String.valueOf(real.getFileName());
        return blob && SHA_256.matcher(name).matches() ? Optional.of(name) : Optional.empty();
    }

    private static String computed(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] chunk = new byte[CHUNK];
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                digest.update(chunk, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256; this one says otherwise.", e);
        }
    }

    private static CheckpointException gone(Path path, IOException cause) {
        return new CheckpointException("%s could not be read: %s. Is it still there?".formatted(path, cause), cause);
    }
}
