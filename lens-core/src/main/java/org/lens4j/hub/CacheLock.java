package org.lens4j.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/**
 * Held while a file is downloaded, so that two processes, or two threads of one, do not fetch it twice. It saves work only:
 * what keeps the cache right is that a blob appears all at once, after its bytes were checked.
 */
final class CacheLock implements AutoCloseable {
    private static final Duration AGAIN = Duration.ofMillis(50);

    private final FileChannel channel;

    private CacheLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Waits for the lock.
     *
     * @param file made if it is not there; it stays, as huggingface_hub's does
     */
    static CacheLock take(Path file, Machine machine) throws IOException, InterruptedException {
        Files.createDirectories(Optional.ofNullable(file.getParent()).orElseThrow());
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            while (!isTaken(channel)) {
                machine.pause(AGAIN);
            }
            return new CacheLock(channel);
        } catch (IOException noLocks) {
            // A file system without locks: go on without, as huggingface_hub does.
            return new CacheLock(channel);
        } catch (InterruptedException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    private static boolean isTaken(FileChannel channel) throws IOException {
        try {
            return Optional.<FileLock>ofNullable(channel.tryLock()).isPresent();
        } catch (OverlappingFileLockException anotherThread) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
