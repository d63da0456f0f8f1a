package org.lens4j.kernel.notebook;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.lens4j.error.Closest;

/**
 * The notebooks that stand where one was looked for.
 *
 * @param folder where
 * @param found the names of the notebooks there, those nearest to the asked one first; at most three
 */
record NotebookFolder(Path folder, List<String> found) {
    private static final int SHOWN = 3;

    static NotebookFolder of(Path missing) {
        Path folder = missing.toAbsolutePath().normalize().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            return new NotebookFolder(missing, List.of());
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<String> names = files.map(file -> String.valueOf(file.getFileName()))
                    .filter(name -> name.endsWith(".ipynb"))
                    .sorted()
                    .toList();
            return new NotebookFolder(folder, Closest.to(String.valueOf(missing.getFileName()), names, SHOWN));
        } catch (IOException e) {
            return new NotebookFolder(folder, List.of());
        }
    }

    /** What was found, with a blank in front; empty if nothing was. */
    String sentence() {
        return found.isEmpty() ? "" : " Found in %s: %s.".formatted(folder, String.join(", ", found));
    }
}
