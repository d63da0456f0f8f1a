package org.lens4j.hub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemAlreadyExistsException;
import java.nio.file.FileSystemNotFoundException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.lens4j.error.CheckpointException;

/** The models inside the library's jar, read as directories are. */
final class EmbeddedModels {
    private static final String PLACE = "/org/lens4j/models/";

    private EmbeddedModels() {}

    /**
     * The directory of a model, on the jar's own file system.
     *
     * @throws CheckpointException if it is not in the jar
     */
    static Path directory(String name) {
        String config = PLACE + name + "/" + Checkpoints.CONFIG;
        URL found = EmbeddedModels.class.getResource(config);
        if (found == null) {
            throw new CheckpointException(
                    "The embedded model \"%s\" is missing from the jar. Rebuild Lens4J.".formatted(name));
        }
        try {
            URI uri = found.toURI();
            return uri.getScheme().equals("jar") ? parentOf(fileSystem(uri).getPath(config)) : parentOf(Path.of(uri));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path parentOf(Path file) {
        return Optional.ofNullable(file.getParent()).orElseThrow();
    }

    /** The jar as a file system, shared by the process; it is never closed, as the class path is not either. */
    private static FileSystem fileSystem(URI uri) throws IOException {
        try {
            return FileSystems.getFileSystem(uri);
        } catch (FileSystemNotFoundException notYet) {
            try {
                return FileSystems.newFileSystem(uri, Map.of());
            } catch (FileSystemAlreadyExistsException raced) {
                return FileSystems.getFileSystem(uri);
            }
        }
    }
}
