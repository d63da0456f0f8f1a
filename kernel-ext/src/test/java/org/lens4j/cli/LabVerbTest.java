package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.kernel.host.Surroundings;
import picocli.CommandLine;

class LabVerbTest {
    private final List<List<String>> ran = new ArrayList<>();

    /** A machine on which only this Jupyter, if any, is installed. */
    private Programs with(String jupyter) {
        return new Programs() {
            @Override
            public boolean answers(List<String> command) {
                return command.equals(List.of("jupyter", jupyter, "--version"));
            }

            @Override
            public int run(List<String> command) {
                ran.add(command);
                return 0;
            }
        };
    }

    private MainTest.Ended lab(String jupyter, Path data, String... words) {
        Surroundings here = new Surroundings(
                Map.of("JUPYTER_DATA_DIR", data.toString()), Surroundings.Platform.OTHER, data, List.of("python3"));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = new CommandLine(new LabVerb(with(jupyter), here))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setExecutionExceptionHandler(Mistakes::whileRunning)
                .execute(words);
        return new MainTest.Ended(code, out.toString(), err.toString());
    }

    @Test
    void kernel_is_installed_once_and_lab_is_opened(@TempDir Path data) {
        MainTest.Ended first = lab("lab", data);
        assertThat(first.code()).isZero();
        assertThat(first.err()).startsWith("Kernel lens4j is installed in " + data.resolve("kernels/lens4j"));
        assertThat(data.resolve("kernels/lens4j/kernel.json")).exists();
        assertThat(lab("lab", data).err()).isEmpty();
        assertThat(ran).containsExactly(List.of("jupyter", "lab"), List.of("jupyter", "lab"));
    }

    @Test
    void notebook_is_opened_in_the_older_jupyter_where_there_is_no_lab(@TempDir Path data) throws Exception {
        Path notebook = Files.createFile(data.resolve("a b.ipynb"));
        assertThat(lab("notebook", data, notebook.toString()).code()).isZero();
        assertThat(ran).containsExactly(List.of("jupyter", "notebook", notebook.toString()));
    }

    @Test
    void machine_without_jupyter_is_told_what_to_install(@TempDir Path data) {
        MainTest.Ended ended = lab("none", data);
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err())
                .contains("pip install jupyterlab")
                .contains("apt-get install jupyter-notebook")
                .doesNotContain("Exception");
        assertThat(data).isEmptyDirectory();
        assertThat(ran).isEmpty();
    }

    @Test
    void missing_notebook_is_named_before_anything_is_done(@TempDir Path data) {
        MainTest.Ended ended = lab("lab", data, "no.ipynb");
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).startsWith("There is no notebook no.ipynb.");
        assertThat(ran).isEmpty();
    }
}
