package org.lens4j.hub;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;
import org.lens4j.error.CheckpointException;

/**
 * One model in the cache. {@code refs/main} holds a commit, {@code snapshots/<commit>/<file>} is a link to
 * {@code blobs/<etag>}, {@code .no_exist/<commit>/<file>} notes that the hub has no such file. Where links are not to be had
 * the snapshot holds the file itself.
 *
 * @param id the model
 * @param root the folder of all models
 * @param machine makes links
 */
record CachedModel(ModelId id, Path root, Machine machine) {
    private static final int LONGEST_COMMIT = 64;

    /** The folder of the model. */
    Path folder() {
        return root.resolve(id.folder());
    }

    /** The files of one commit under their own names. */
    Path snapshot(String commit) {
        return folder().resolve("snapshots").resolve(checkedCommit(commit));
    }

    /** Where the bytes of one version of a file are. */
    Path blob(String etag) {
        return folder().resolve("blobs").resolve(etag);
    }

    /** Where the bytes are until they are complete and checked. */
    Path incomplete(String etag) {
        return folder().resolve("blobs").resolve(etag + ".incomplete");
    }

    /** The file that whoever downloads locks. */
    Path lock(String etag) {
        return root.resolve(".locks").resolve(id.folder()).resolve(etag + ".lock");
    }

    /**
     * The commit a revision stood for when it was last asked for.
     *
     * @return empty if it never was
     * @throws CheckpointException if what is noted is no commit
     */
    Optional<String> commit(Revision revision) throws IOException {
        Path noted = folder().resolve("refs").resolve(revision.text());
        if (Files.isRegularFile(noted)) {
            inside(noted);
            return Optional.of(checkedCommit(
                    Files.readString(noted, StandardCharsets.ISO_8859_1).strip()));
        }
        return Files.isDirectory(folder().resolve("snapshots").resolve(revision.text()))
                ? Optional.of(revision.text())
                : Optional.empty();
    }

    /** Notes the commit a revision stands for, all at once. */
    void remember(Revision revision, String commit) throws IOException {
        Path noted = folder().resolve("refs").resolve(revision.text());
        if (revision.text().equals(commit)
                || (Files.isRegularFile(noted) && Files.readString(noted).equals(commit))) {
            return;
        }
        Path directory = Files.createDirectories(parent(noted));
        Path fresh = directory.resolve(noted.getFileName() + "." + UUID.randomUUID() + ".tmp");
        Files.writeString(fresh, commit);
        Files.move(fresh, noted, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * A file of a commit.
     *
     * @param file its name inside the model, with {@code /} between folders
     * @return where it is in the snapshot; empty if it is not there, or its bytes are gone
     * @throws CheckpointException if it leads out of the cache
     */
    Optional<Path> file(String commit, String file) throws IOException {
        Path path = snapshot(commit).resolve(checkedFile(file));
        if (!Files.isRegularFile(path)) {
            return Optional.empty();
        }
        inside(path);
        return Optional.of(path);
    }

    /** Whether the hub is known to have no such file at a commit. */
    boolean isKnownAbsent(String commit, String file) {
        return Files.isRegularFile(absence(commit, file));
    }

    /** Notes that the hub has no such file. */
    void rememberAbsent(String commit, String file) throws IOException {
        Path mark = absence(commit, file);
        Files.createDirectories(parent(mark));
        try {
            Files.createFile(mark);
        } catch (FileAlreadyExistsException noted) {
            // By an earlier call or another process.
        }
    }

    private Path absence(String commit, String file) {
        return folder().resolve(".no_exist").resolve(checkedCommit(commit)).resolve(checkedFile(file));
    }

    /**
     * Shows a blob in a snapshot: as a link, or where links are not to be had as a file of its own.
     *
     * @param fresh whether no other snapshot can need the blob, so that it may be moved instead of copied
     * @return where the file is now
     */
    Path place(String commit, String file, String etag, boolean fresh) throws IOException {
        Path path = snapshot(commit).resolve(checkedFile(file));
        Path directory = Files.createDirectories(parent(path));
        Files.deleteIfExists(path);
        Path blob = blob(etag);
        try {
            machine.link(path, directory.relativize(blob));
        } catch (FileAlreadyExistsException raced) {
            // Another process has just placed the same file.
        } catch (UnsupportedOperationException | IOException noLinks) {
            if (fresh) {
                Files.move(blob, path, StandardCopyOption.REPLACE_EXISTING);
            } else {
                Files.copy(blob, path, StandardCopyOption.REPLACE_EXISTING);
            }
        }
        return path;
    }

    private static Path parent(Path path) {
        return Optional.ofNullable(path.getParent()).orElseThrow();
    }

    private void inside(Path path) throws IOException {
        Path real = path.toRealPath();
        if (!real.startsWith(root.toRealPath())) {
            throw new CheckpointException(
                    "%s leads out of the cache, to %s, so it was not read. Remove the link and load again, or pass that directory."
                            .formatted(path, real));
        }
    }

    private String checkedCommit(String commit) {
        if (commit.length() > LONGEST_COMMIT || SafeName.problem(commit).isPresent()) {
            throw new CheckpointException(
                    "%s notes \"%s\" as a commit, which it cannot be. Remove refs and snapshots there, and load again."
                            .formatted(folder(), commit.replaceAll("[^ -~]", "?")));
        }
        return commit;
    }

    private String checkedFile(String file) {
        SafeName.problemOfPath(file).ifPresent(problem -> {
            throw new CheckpointException("%s names the file \"%s\", which is refused: it %s."
                    .formatted(id, file.replaceAll("\\p{Cntrl}", "?"), problem));
        });
        return file;
    }
}
