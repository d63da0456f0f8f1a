package org.lens4j.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.lens4j.error.HubException;

/**
 * Brings one file of one commit into the cache: locked, resumed, checked, and only then visible.
 *
 * @param hub where from
 * @param model where to
 * @param progress told how far it is
 */
record Download(Hub hub, CachedModel model, Progress progress) {
    /**
     * Brings a file.
     *
     * @param file its name inside the model
     * @param remote what the hub said about it
     * @return where it is in the snapshot
     * @throws HubException if it cannot be had whole; what came of it stays, unless it is wrong
     */
    Path bring(String file, RemoteFile.Present remote) throws IOException, InterruptedException {
        Files.createDirectories(model.folder().resolve("blobs"));
        CacheLock lock = CacheLock.take(model.lock(remote.etag()), model.machine());
        try {
            return bringLocked(file, remote);
        } finally {
            lock.close();
        }
    }

    private Path bringLocked(String file, RemoteFile.Present remote) throws IOException, InterruptedException {
        Optional<Path> done = model.file(remote.commit(), file);
        if (done.isPresent() && isSame(done.get(), remote)) {
            return done.get();
        }
        boolean fresh = !Files.isRegularFile(model.blob(remote.etag()));
        if (fresh) {
            try {
                fill(file, remote);
            } finally {
                progress.end(file);
            }
        }
        return model.place(remote.commit(), file, remote.etag(), fresh);
    }

    /** Whether a file of the snapshot, which another process may just have put there, is the one that is wanted. */
    private boolean isSame(Path file, RemoteFile.Present remote) throws IOException {
        return Files.exists(model.blob(remote.etag()))
                ? Files.isSameFile(file, model.blob(remote.etag()))
                : remote.size().isPresent() && Files.size(file) == remote.size().getAsLong();
    }

    private void fill(String file, RemoteFile.Present remote) throws IOException, InterruptedException {
        Path incomplete = model.incomplete(remote.etag());
        boolean resumed = Files.exists(incomplete) && Files.size(incomplete) > 0;
        String wrong = attempt(file, remote, incomplete);
        if (!wrong.isEmpty() && resumed) {
            // What an earlier attempt left was damaged; the whole file has one chance.
            wrong = attempt(file, remote, incomplete);
        }
        if (!wrong.isEmpty()) {
            throw new HubException(
                    "%s of %s arrived damaged: %s. It was removed; load again. If that does not help, a proxy may be changing it."
                            .formatted(file, model.id(), wrong));
        }
        Files.move(incomplete, model.blob(remote.etag()), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Fetches and checks; what is wrong with the bytes, which are gone then, or nothing. */
    private String attempt(String file, RemoteFile.Present remote, Path incomplete)
            throws IOException, InterruptedException {
        try (PartFile part = new PartFile(incomplete, remote.size(), model.machine())) {
            if (part.total().isPresent() && part.size() > part.total().getAsLong()) {
                part.restart();
            }
            checkRoom(file, part);
            Runnable tell = () -> progress.at(file, part.size(), part.total());
            hub.fetch(model.id(), remote.commit(), file, part, tell);
            tell.run();
            part.flush();
        } catch (PartFile.DiskException e) {
            throw new HubException(
                    "The disk did not take %s of %s: %s. It has %s left at %s. What came is kept; make room and load again, or set HF_HOME to another disk."
                            .formatted(
                                    file,
                                    model.id(),
                                    e.getMessage(),
                                    FileSize.of(model.machine().free(model.folder())),
                                    model.root()),
                    e);
        }
        String wrong = Checksum.of(remote.etag())
                .map(it -> difference(it, incomplete, remote.etag()))
                .orElse("");
        if (!wrong.isEmpty()) {
            Files.deleteIfExists(incomplete);
        }
        return wrong;
    }

    private static String difference(Checksum checksum, Path file, String expected) {
        try {
            String found = checksum.of(file);
            return found.equals(expected)
                    ? ""
                    : "its %s is %s and the hub says %s"
                            .formatted(checksum.name().replace('_', '-'), found, expected);
        } catch (IOException e) {
            throw new HubException("%s could not be read back: %s. Check the disk.".formatted(file, e), e);
        }
    }

    private void checkRoom(String file, PartFile part) throws IOException {
        if (part.total().isEmpty()) {
            return;
        }
        long needed = part.total().getAsLong() - part.size();
        long free = model.machine().free(model.folder());
        if (needed > free) {
            throw new HubException(
                    "%s of %s needs %s more and the disk has %s at %s. Make room, or set HF_HOME to another disk."
                            .formatted(file, model.id(), FileSize.of(needed), FileSize.of(free), model.root()));
        }
    }
}
