package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFilesTest {
    @Test
    void notebook_of_a_maven_project_is_written_to_its_target(@TempDir Path project) throws IOException {
        Files.createFile(project.resolve("pom.xml"));
        Path notebook = project.resolve("notebooks/deep/a b.ipynb");
        assertThat(RunFiles.of(notebook, Optional.empty()))
                .isEqualTo(new RunFiles(
                        project.resolve("target/run/a b.executed.ipynb"), project.resolve("target/run/a b.html")));
    }

    @Test
    void other_notebooks_get_a_folder_beside_them(@TempDir Path folder) {
        assertThat(RunFiles.of(folder.resolve("x.ipynb"), Optional.empty()).page())
                .isEqualTo(folder.resolve("lens-run/x.html"));
    }

    @Test
    void chosen_folder_is_made_absolute() {
        RunFiles files = RunFiles.of(Path.of("x.ipynb"), Optional.of(Path.of("out/../here")));
        assertThat(files.executed()).isEqualTo(Path.of("here/x.executed.ipynb").toAbsolutePath());
    }
}
