package org.lens4j.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.lens4j.error.Explained;

/** A result that could not be written where it was to go. */
final class WriteException extends IllegalStateException implements Explained {
    /**
     * Says why.
     *
     * @param file where it was to go
     * @param option the word that chooses another place
     */
    WriteException(Path file, String option, IOException cause) {
        super(
                "%s could not be written: %s. Choose another place with %s.".formatted(file, reason(cause), option),
                cause);
    }

    private static String reason(IOException cause) {
        if (cause instanceof AccessDeniedException denied) {
            return "%s may not be changed".formatted(denied.getFile());
        }
        if (cause instanceof FileAlreadyExistsException there) {
            return "%s is a file, and a folder is needed".formatted(there.getFile());
        }
        if (cause instanceof NoSuchFileException missing) {
            return "there is no %s".formatted(missing.getFile());
        }
        if (cause instanceof FileSystemException system) {
            return Optional.ofNullable(system.getReason()).orElseGet(cause::toString);
        }
        return Optional.ofNullable(cause.getMessage()).orElseGet(cause::toString);
    }
}
