package org.lens4j.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/** The few things of the machine that a test must be able to make fail: the disk's room, its links, and waiting. */
interface Machine {
    /** This machine. */
    Machine REAL = new Machine() {
        @Override
        public long free(Path directory) throws IOException {
            return Files.getFileStore(directory).getUsableSpace();
        }

        @Override
        public WritableByteChannel append(Path file) throws IOException {
            return FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
        }

        @Override
        public void link(Path link, Path target) throws IOException {
            Files.createSymbolicLink(link, target);
        }

        @Override
        public void pause(Duration time) throws InterruptedException {
            Thread.sleep(time.toMillis());
        }
    };

    /** How many bytes may still be written to the disk of a directory. */
    long free(Path directory) throws IOException;

    /** Opens a file for more bytes at its end; makes it if there is none. */
    WritableByteChannel append(Path file) throws IOException;

    /**
     * Makes a symbolic link.
     *
     * @throws UnsupportedOperationException or IOException where the system or the user may not
     */
    void link(Path link, Path target) throws IOException;

    /** Waits. */
    void pause(Duration time) throws InterruptedException;
}
