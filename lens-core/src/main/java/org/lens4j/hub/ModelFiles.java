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
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.UnknownNameException;

/**
 * The local files of one model, laid out as on Hugging Face: config.json, model.safetensors, tokenizer.json. A directory,
 * or the model inside this library's jar; both are read by the same code.
 *
 * @param name what it is called in messages and in a session
 * @param directory where the files are; on the jar's own file system for the embedded model
 */
public record ModelFiles(String name, Path directory) {
    /** The model inside the jar. */
    public static final String DEMO = "demo";

    private static final String CONFIG = "config.json";
    private static final String EMBEDDED = "/org/lens4j/models/";

    /**
     * Finds a model. A name with a slash, a dot at its start, or of an existing directory is a directory; nothing else is
     * matched against its contents, so any fine-tune in any folder is found.
     *
     * @param name {@code demo}, or a directory
     * @throws UnknownNameException if there is neither a model nor a directory of that name
     * @throws CheckpointException if the directory has no config.json
     */
    public static ModelFiles locate(String name) {
        Optional<Path> directory = directory(name);
        if (directory.isPresent()) {
            return ofDirectory(directory.get());
        }
        if (name.toLowerCase(Locale.ROOT).equals(DEMO)) {
            return new ModelFiles(DEMO, embedded(DEMO));
        }
        throw UnknownNameException.of(
                "model",
                name,
                "this version",
                List.of(DEMO),
                "No directory has that name either. Give the path of a directory with config.json and model.safetensors;"
                        + " models of the Hugging Face hub cannot be fetched yet.");
    }

    /**
     * The files in a directory.
     *
     * @throws CheckpointException if it has no config.json
     */
    public static ModelFiles ofDirectory(Path directory) {
        Path absolute = directory.toAbsolutePath().normalize();
        if (!Files.isDirectory(absolute)) {
            throw new CheckpointException("No directory %s. Check the path.".formatted(absolute));
        }
        if (!Files.isRegularFile(absolute.resolve(CONFIG))) {
            throw new CheckpointException(
                    "%s has no config.json; it holds %s. Give the directory that holds the model's files."
                            .formatted(absolute, listing(absolute)));
        }
        Path last = absolute.getFileName();
        return new ModelFiles(last == null ? absolute.toString() : last.toString(), absolute);
    }

    private static Optional<Path> directory(String name) {
        try {
            Path path = Path.of(expanded(name));
            boolean written = name.contains("/") || name.contains("\\") || name.startsWith(".");
            return (written && !looksLikeHubName(name)) || Files.isDirectory(path)
                    ? Optional.of(path)
                    : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static String expanded(String name) {
        return name.startsWith("~/") ? System.getProperty("user.home") + name.substring(1) : name;
    }

    /** {@code org/name}, as models on the hub are called. */
    private static boolean looksLikeHubName(String name) {
        return name.matches("\\w[\\w.-]*/\\w[\\w.-]*");
    }

    private static String listing(Path directory) {
        try (var files = Files.list(directory)) {
            List<String> names = files.map(it -> String.valueOf(it.getFileName()))
                    .sorted()
                    .limit(6)
                    .toList();
            return names.isEmpty() ? "nothing" : String.join(", ", names);
        } catch (IOException e) {
            return "what may not be read";
        }
    }

    private static Path embedded(String name) {
        URL config = ModelFiles.class.getResource(EMBEDDED + name + "/" + CONFIG);
        if (config == null) {
            throw new CheckpointException(
                    "The embedded model \"%s\" is missing from the jar. Rebuild Lens4J.".formatted(name));
        }
        try {
            URI uri = config.toURI();
            if (!uri.getScheme().equals("jar")) {
                return parentOf(Path.of(uri));
            }
            return parentOf(fileSystem(uri).getPath(EMBEDDED + name + "/" + CONFIG));
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

    /** The config.json. */
    public Path config() {
        return directory.resolve(CONFIG);
    }

    /**
     * The weights.
     *
     * @throws CheckpointException if there is no model.safetensors; says what is there
     */
    public Path weights() {
        Path file = directory.resolve("model.safetensors");
        if (!Files.isRegularFile(file)) {
            throw new CheckpointException(
                    "%s has no model.safetensors; it holds %s. Other weight formats are not read yet: convert them to safetensors."
                            .formatted(directory, listing(directory)));
        }
        return file;
    }

    /** The tokenizer, where there is one. */
    public Optional<Path> tokenizer() {
        return Optional.of(directory.resolve("tokenizer.json")).filter(Files::isRegularFile);
    }
}
