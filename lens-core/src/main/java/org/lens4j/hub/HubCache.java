package org.lens4j.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.lens4j.error.HubException;

/**
 * The folder of all downloaded models, laid out as Python's huggingface_hub does, which finds what is put here and the other
 * way round.
 *
 * @param root {@code ~/.cache/huggingface/hub}
 * @param machine makes links
 */
record HubCache(Path root, Machine machine) {
    /** The models that are here in some version, in alphabetical order. */
    List<ModelId> models() {
        try (Stream<Path> folders = Files.list(root)) {
            return folders.filter(it -> Files.isDirectory(it.resolve("snapshots")))
                    .map(it -> ModelId.ofFolder(String.valueOf(it.getFileName())))
                    .flatMap(Optional::stream)
                    .sorted((a, b) -> a.text().compareToIgnoreCase(b.text()))
                    .toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw new HubException(
                    "The cache %s could not be read: %s. Check its permissions, or set HF_HOME to another folder."
                            .formatted(shown(), e),
                    e);
        }
    }

    /**
     * A model as it is spelled here: exactly as asked for, otherwise the first that differs in upper and lower case only.
     *
     * @return empty if it is not here in any spelling
     */
    Optional<ModelId> spelled(ModelId id) {
        List<ModelId> models = models();
        return models.stream().filter(id::equals).findFirst().or(() -> models.stream()
                .filter(it -> it.text().equalsIgnoreCase(id.text()))
                .findFirst());
    }

    /** The part of the cache that belongs to a model, whether it is there already or not. */
    CachedModel model(ModelId id) {
        return new CachedModel(id, root, machine);
    }

    /** The folder as messages show it: with {@code ~} for the home directory. */
    String shown() {
        Path home = Path.of(System.getProperty("user.home"));
        return root.startsWith(home)
                ? Path.of("~").resolve(home.relativize(root)).toString()
                : root.toString();
    }
}
