package org.lens4j.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/** How the hub's name of a file's bytes is computed: SHA-256 of a large file, git's SHA-1 of a small one. */
enum Checksum {
    SHA_256("SHA-256", Pattern.compile("[0-9a-f]{64}")),
    GIT_SHA_1("SHA-1", Pattern.compile("[0-9a-f]{40}"));

    private static final int CHUNK = 1 << 20;

    private final String algorithm;
    private final Pattern form;

    Checksum(String algorithm, Pattern form) {
        this.algorithm = algorithm;
        this.form = form;
    }

    /** Which one an etag is; empty if it says nothing about the bytes. */
    static Optional<Checksum> of(String etag) {
        for (Checksum checksum : values()) {
            if (checksum.form.matcher(etag).matches()) {
                return Optional.of(checksum);
            }
        }
        return Optional.empty();
    }

    /** Computes it from a file's bytes, in hexadecimal digits. */
    String of(Path file) throws IOException {
        MessageDigest digest = digest();
        try (FileChannel channel = FileChannel.open(file)) {
            if (this == GIT_SHA_1) {
                digest.update("blob %d\0".formatted(channel.size()).getBytes(StandardCharsets.US_ASCII));
            }
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
            while (channel.read(chunk) >= 0) {
                digest.update(chunk.flip());
                chunk.clear();
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private MessageDigest digest() {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has %s; this one says otherwise.".formatted(algorithm), e);
        }
    }
}
