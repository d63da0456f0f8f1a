package org.lens4j.harvest;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.lens4j.error.StateException;

/** Held while a harvest writes, so that no second one writes into the same folder. Ends with the process, however that ends. */
final class FolderLock {
    private static final String FILE = "harvest.lock";

    private FolderLock() {}

    /** What is done meanwhile. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    /**
     * Does it while holding the folder's lock.
     *
     * @throws StateException if someone else holds it
     */
    static <T> T holding(Path folder, Work<T> work) throws IOException {
        try (FileChannel channel =
                FileChannel.open(folder.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            if (!isTaken(channel)) {
                throw new StateException("Another harvest is writing into %s. Wait for its end, or name another folder."
                        .formatted(folder));
            }
            return work.run();
        }
    }

    private static boolean isTaken(FileChannel channel) {
        try {
            return Optional.<FileLock>ofNullable(channel.tryLock()).isPresent();
        } catch (OverlappingFileLockException anotherThread) {
            return false;
        } catch (IOException noLocks) {
            // A file system without locks: go on without.
            return true;
        }
    }
}
