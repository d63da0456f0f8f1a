package org.lens4j.kernel.notebook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotebookTest {
    static final String EMPTY = "{\"cells\": [], \"metadata\": {}, \"nbformat\": 4, \"nbformat_minor\": 5}";

    /** Made by Debian's nbformat 5.5.0: every cell and output type, unknown fields, odd line separators. */
    static String writtenByJupyter() throws IOException {
        try (InputStream in = NotebookTest.class.getResourceAsStream("written-by-jupyter.ipynb")) {
            assertThat(in).isNotNull();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    static Notebook of(String... cells) {
        return Notebook.parse(EMPTY.replace("[]", "[" + String.join(",", cells) + "]"), "test.ipynb");
    }

    static String code(String source) {
        return "{\"cell_type\": \"code\", \"execution_count\": null, \"metadata\": {}, \"outputs\": [], \"source\": %s}"
                .formatted(JupyterJson.write(new JsonPrimitive(source)));
    }

    static String markdown(String source) {
        return "{\"cell_type\": \"markdown\", \"metadata\": {}, \"source\": %s}"
                .formatted(JupyterJson.write(new JsonPrimitive(source)));
    }

    @Test
    void what_jupyter_wrote_comes_back_to_the_last_byte() throws IOException {
        String json = writtenByJupyter();
        assertThat(Notebook.parse(json, "x").toJson()).isEqualTo(json);
    }

    @Test
    void texts_given_as_one_string_are_stored_as_lines() {
        Notebook notebook = of("""
                {"source": "a\\nb", "cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": [
                 {"output_type": "stream", "name": "stdout", "text": "x\\ny\\n"},
                 {"output_type": "display_data", "metadata": {}, "data": {"text/html": "p\\nq", "image/png": "AA\\nBB"}}]}
                """);
        assertThat(notebook.toJson())
                .contains("\"source\": [\n    \"a\\n\",\n    \"b\"\n   ]")
                .contains("\"text\": [\n      \"x\\n\",\n      \"y\\n\"\n     ]")
                .contains("\"text/html\": [\n       \"p\\n\",\n       \"q\"\n      ]")
                .contains("\"image/png\": \"AA\\nBB\"");
    }

    @Property(tries = 300, seed = "17")
    void any_source_survives_writing_and_reading(@ForAll String source) {
        Notebook written = of(code(source));
        Notebook read = Notebook.parse(written.toJson(), "x");
        assertThat(read.cells().get(0).source()).isEqualTo(source);
        assertThat(read.toJson()).isEqualTo(written.toJson());
    }

    @Test
    void outputs_are_read_by_type() throws IOException {
        List<CellOutput> outputs =
                Notebook.parse(writtenByJupyter(), "x").cells().get(1).outputs();
        assertThat(outputs).hasSize(5);
        assertThat(outputs.get(0)).isEqualTo(new CellOutput.Printed("stdout", "one\ntwo\n"));
        assertThat(outputs.get(3))
                .asInstanceOf(InstanceOfAssertFactories.type(CellOutput.Shown.class))
                .extracting(CellOutput.Shown::executionCount)
                .isEqualTo(OptionalInt.of(1));
        assertThat(outputs.get(4))
                .isEqualTo(new CellOutput.Failure("Oops", "bad", List.of("\u001b[31mOops\u001b[0m: bad", "  at x")));
    }

    @Test
    void title_is_the_first_heading_without_its_marks() throws IOException {
        assertThat(Notebook.parse(writtenByJupyter(), "x").title()).contains("A title with code");
        assertThat(of(code("1")).title()).isEmpty();
    }

    @Test
    void writing_makes_missing_folders_and_leaves_no_part_behind(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("a/b/out.ipynb");
        of(code("1 + 1")).write(file);
        assertThat(Notebook.read(file).cells()).hasSize(1);
        assertThat(file.getParent()).isDirectoryNotContaining("glob:**.part");
    }

    @Test
    void unwritable_place_is_named(@TempDir Path folder) throws IOException {
        Path blocked = Files.writeString(folder.resolve("file"), "not a folder");
        assertThatThrownBy(() -> of(code("1")).write(blocked.resolve("out.ipynb")))
                .isInstanceOf(NotebookException.class)
                .hasMessageStartingWith("Cannot write " + blocked.resolve("out.ipynb"))
                .hasMessageEndingWith("Name a folder you may write to with --out.");
    }

    @Test
    void missing_file_names_the_notebooks_that_are_there(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("01-first-look.ipynb"), EMPTY);
        Files.writeString(folder.resolve("notes.txt"), "");
        Path asked = folder.resolve("01-firstlook.ipynb");
        assertThatThrownBy(() -> Notebook.read(asked))
                .isInstanceOf(NotebookException.class)
                .hasMessage("There is no notebook %s. Found in %s: 01-first-look.ipynb. Name an existing .ipynb file."
                        .formatted(asked, folder));
    }

    @Test
    void folder_is_not_a_notebook(@TempDir Path folder) {
        assertThatThrownBy(() -> Notebook.read(folder)).hasMessageContaining("is a folder, not a notebook");
    }

    @Test
    void binary_file_is_not_a_notebook(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("x.ipynb"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
        assertThatThrownBy(() -> Notebook.read(file))
                .isInstanceOf(NotebookException.class)
                .hasMessage(file + " is not UTF-8 text, as a notebook is. Name an .ipynb file.");
    }

    @Test
    void text_that_is_not_json_is_refused() {
        for (String text : List.of("", "hello", "{\"nbformat\": 4", "{'nbformat': 4}", EMPTY + "{}")) {
            assertThatThrownBy(() -> Notebook.parse(text, "x.ipynb"))
                    .as(text)
                    .isInstanceOf(NotebookException.class)
                    .hasMessageStartingWith("x.ipynb is not JSON, as a notebook is: ");
        }
    }

    @Test
    void json_that_is_no_notebook_is_refused() {
        for (String text : List.of("[]", "3", "{\"cells\": []}")) {
            assertThatThrownBy(() -> Notebook.parse(text, "x.ipynb"))
                    .as(text)
                    .hasMessageStartingWith("x.ipynb is JSON, but not a notebook");
        }
    }

    @Test
    void older_format_says_how_to_convert() {
        assertThatThrownBy(() -> Notebook.parse("{\"nbformat\": 3, \"worksheets\": []}", "old.ipynb"))
                .hasMessage(
                        "old.ipynb is in notebook format 3. Lens4J reads format 4, which Jupyter writes since 2015; "
                                + "convert it with: jupyter nbconvert --to notebook --nbformat 4 old.ipynb");
    }

    @Test
    void broken_cells_are_named_by_number() {
        assertThatThrownBy(() -> of(code("1"), "{\"cell_type\": \"heading\", \"source\": \"\"}"))
                .hasMessage("Cell 2 of test.ipynb has cell_type heading. A notebook has code, markdown and raw cells.");
        assertThatThrownBy(() -> of("7"))
                .hasMessage("Cell 1 of test.ipynb is not a JSON object, as a notebook cell is.");
        assertThatThrownBy(() -> of("{\"cell_type\": \"code\"}"))
                .hasMessageStartingWith("Cell 1 of test.ipynb has no source");
        assertThatThrownBy(() -> Notebook.parse("{\"nbformat\": 4}", "x"))
                .hasMessageContaining("has no list \"cells\"");
    }
}
