package org.lens4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The two files a run writes, as absolute paths.
 *
 * @param executed the notebook with its outputs
 * @param page the same as one page
 */
record RunFiles(Path executed, Path page) {
    /**
     * Chooses a place that litters nobody's sources: build output of the Maven project around the notebook, or else a
     * folder of its own beside it.
     */
    static RunFiles of(Path notebook, Optional<Path> out) {
        String name = String.valueOf(notebook.getFileName()).replaceFirst("\\.ipynb$", "");
        Path folder =
                out.orElseGet(() -> usual(folderOf(notebook))).toAbsolutePath().normalize();
        return new RunFiles(folder.resolve(name + ".executed.ipynb"), folder.resolve(name + ".html"));
    }

    /** The folder a notebook stands in, which is where its cells run. */
    static Path folderOf(Path notebook) {
        Path absolute = notebook.toAbsolutePath().normalize();
        Path folder = absolute.getParent();
        return folder == null ? absolute : folder;
    }

    private static Path usual(Path folder) {
        for (Path above = folder; above != null; above = above.getParent()) {
            if (Files.exists(above.resolve("pom.xml"))) {
                return above.resolve("target").resolve("run");
            }
        }
        return folder.resolve("lens-run");
    }
}
