package org.lens4j.harvest;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Files that are there whole or not at all, whenever the program or the machine stops. */
final class Durable {
    /** How a file is called until it is whole. */
    static final String PARTIAL = ".partial";

    private Durable() {}

    static Path partial(Path file) {
        return file.resolveSibling(file.getFileName() + PARTIAL);
    }

    /** Puts a text in a file's place. */
    static void write(Path file, String text) throws IOException {
        Path partial = partial(file);
        try (FileChannel channel = FileChannel.open(
                partial, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        appear(partial, file);
    }

    /** Gives a file that is on the disk its name, and waits until that is on the disk too. */
    static void appear(Path partial, Path file) throws IOException {
        Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElseThrow();
        if (!System.getProperty("os.name").startsWith("Windows")) {
            // Windows opens no folder, and keeps its names by itself.
            try (FileChannel channel = FileChannel.open(folder)) {
                channel.force(true);
            }
        }
    }
}
