package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.kernel.notebook.CellOutput;
import org.lens4j.kernel.notebook.Notebook;

/** {@code lens run} with the real kernel in a process of its own. */
class RunVerbTest {
    private Path folder = Path.of("");

    @BeforeEach
    void stand_in(@TempDir Path temp) {
        folder = temp;
    }

    private Path notebook(String... cells) throws IOException {
        JsonArray array = new JsonArray();
        for (String source : cells) {
            JsonObject cell = new JsonObject();
            cell.addProperty("cell_type", "code");
            cell.addProperty("source", source);
            cell.add("metadata", new JsonObject());
            cell.add("outputs", new JsonArray());
            array.add(cell);
        }
        JsonObject json = new JsonObject();
        json.add("cells", array);
        json.add("metadata", new JsonObject());
        json.addProperty("nbformat", 4);
        json.addProperty("nbformat_minor", 4);
        return Files.writeString(folder.resolve("my notebook.ipynb"), json.toString());
    }

    private List<CellOutput> outputs(int cell) {
        return Notebook.read(folder.resolve("out/my notebook.executed.ipynb"))
                .cells()
                .get(cell)
                .outputs();
    }

    @Test
    void notebook_is_run_and_written_as_notebook_and_as_page() throws IOException {
        Path file = notebook(
                "int x = 20;",
                "System.out.print(\"printed\");\nx + 22",
                "new java.awt.image.BufferedImage(8, 8, java.awt.image.BufferedImage.TYPE_INT_RGB)");
        String before = Files.readString(file);
        MainTest.Ended ended = MainTest.lens(
                "run", file.toString(), "--out", folder.resolve("out").toString());

        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out())
                .startsWith("my notebook.ipynb: ran 3 of 3 code cells in ")
                .contains(folder.resolve("out/my notebook.executed.ipynb").toString())
                .contains(folder.resolve("out/my notebook.html").toString());
        assertThat(outputs(1)).contains(new CellOutput.Printed("stdout", "printed"));
        assertThat(((CellOutput.Shown) outputs(1).get(1)).text("text/plain")).contains("42");
        assertThat(((CellOutput.Shown) outputs(2).get(0)).text("image/png")).isPresent();
        assertThat(Files.readString(folder.resolve("out/my notebook.html")))
                .contains("<pre class=\"plain\">42</pre>")
                .contains("src=\"data:image/png;base64,");
        assertThat(Files.readString(file)).isEqualTo(before);
    }

    @Test
    void failing_cell_ends_with_1_and_everything_is_written() throws IOException {
        Path file = notebook("int x = 20;", "throw new IllegalStateException(\"no such luck\");", "x");
        MainTest.Ended ended = MainTest.lens(
                "run", file.toString(), "--out", folder.resolve("out").toString());

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("Code cell 2 of 3 failed:").contains("no such luck");
        assertThat(ended.out()).contains("ran 2 of 3 code cells");
        assertThat(outputs(1)).hasAtLeastOneElementOfType(CellOutput.Failure.class);
        assertThat(outputs(2)).isEmpty();
        assertThat(Files.readString(folder.resolve("out/my notebook.html"))).contains("no such luck");
    }

    @Test
    void kernel_that_dies_is_named_with_the_cell() throws IOException {
        Path file = notebook("int x = 20;", "System.err.println(\"last words\");\nRuntime.getRuntime().halt(7);");
        MainTest.Ended ended = MainTest.lens(
                "run", file.toString(), "--out", folder.resolve("out").toString());

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("Code cell 2 of 2 failed:").contains("7");
        assertThat(outputs(1)).hasAtLeastOneElementOfType(CellOutput.Failure.class);
    }

    @Test
    void cell_over_its_time_is_interrupted() throws IOException {
        Path file = notebook("while (true) { Thread.sleep(50); }", "1");
        MainTest.Ended ended = MainTest.lens(
                "run",
                file.toString(),
                "--timeout",
                "1",
                "--out",
                folder.resolve("out").toString());

        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err()).contains("interrupted after 1 s");
    }

    @Test
    void cells_run_in_the_notebooks_folder() throws IOException {
        Path file = notebook("java.nio.file.Path.of(\"\").toAbsolutePath().toString()");
        MainTest.lens("run", file.toString(), "--out", folder.resolve("out").toString());
        assertThat(((CellOutput.Shown) outputs(0).get(0)).text("text/plain").orElse(""))
                .contains(folder.toRealPath().getFileName().toString());
    }
}
