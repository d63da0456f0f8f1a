package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.UsageException;
import org.lens4j.viz.GridView;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class GridWordsTest {
    private static final Grid GRID = new Grid(
            "Scores",
            "logit",
            List.of(new Axis("layer", List.of("0", "1")), new Axis("pos", List.of("0· a,b", "1·\"c\""))),
            new float[] {0.5f, Float.NaN, -2f, 1e-7f});

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Command(name = "verb")
    private static final class Verb implements Runnable {
        @Mixin
        private GridWords output = new GridWords();

        @Override
        public void run() {}
    }

    private CommandLine lens(Verb verb, String... words) {
        CommandLine lens =
                new CommandLine(verb).setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        lens.parseArgs(words);
        return lens;
    }

    private void written(String... words) {
        Verb verb = new Verb();
        CommandLine lens = lens(verb, words);
        verb.output.check();
        verb.output.write(lens, GRID, "A note.");
    }

    private static void checked(String... words) {
        Verb verb = new Verb();
        new CommandLine(verb).parseArgs(words);
        verb.output.check();
    }

    @Test
    void without_an_option_the_table_is_printed_with_its_notes() {
        written();
        assertThat(out.toString()).contains(GridView.of(GRID).text()).endsWith("A note." + System.lineSeparator());
    }

    @Test
    void json_has_axes_labels_and_nested_numbers_and_nothing_else_is_printed() {
        written("--json", "-");
        assertThat(JsonParser.parseString(out.toString())).isEqualTo(JsonParser.parseString("""
                        {"title": "Scores", "unit": "logit",
                         "axes": [{"name": "layer", "labels": ["0", "1"]},
                                  {"name": "pos", "labels": ["0· a,b", "1·\\"c\\""]}],
                         "values": [[0.5, null], [-2.0, 1.0E-7]], "notes": ["A note."]}"""));
        assertThat(err.toString()).contains("A note.");
    }

    @Test
    void csv_has_a_line_for_each_number_and_quotes_what_needs_it() {
        written("--csv", "-");
        assertThat(out.toString())
                .isEqualTo("layer,pos,value\n0,\"0· a,b\",0.5\n0,\"1·\"\"c\"\"\",\n1,\"0· a,b\",-2.0\n"
                        + "1,\"1·\"\"c\"\"\",1.0E-7\n");
    }

    @Test
    void every_form_goes_to_its_file_in_one_run(@TempDir Path folder) throws IOException {
        Path deep = folder.resolve("new folder");
        written(
                "--json", deep.resolve("a.json").toString(),
                "--csv", deep.resolve("a.csv").toString(),
                "--png", deep.resolve("a.png").toString(),
                "--html", deep.resolve("a.html").toString());
        assertThat(ImageIO.read(new ByteArrayInputStream(Files.readAllBytes(deep.resolve("a.png"))))
                        .getWidth())
                .isPositive();
        assertThat(deep.resolve("a.html"))
                .content()
                .startsWith("<!DOCTYPE html>")
                .contains("<title>Scores</title>");
        assertThat(deep.resolve("a.csv")).content().startsWith("layer,pos,value\n");
        assertThat(deep.resolve("a.json")).content().contains("\"title\":\"Scores\"");
        assertThat(out.toString().lines()).hasSize(5).first().isEqualTo("A note.");
    }

    @Test
    void a_directory_is_refused_before_anything_runs(@TempDir Path folder) {
        assertThatThrownBy(() -> checked("--png", folder.toString()))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "--png %s is a directory. Name a file in it: --png %s", folder, folder.resolve("result.png"));
    }

    @Test
    void a_name_that_promises_another_kind_of_file_is_refused() {
        assertThatThrownBy(() -> checked("--png", "out/x.jpg"))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "--png out/x.jpg would be a PNG picture in a file called .jpg. Name it so: --png out/x.png");
        assertThatThrownBy(() -> checked("--csv", "x.JSON")).hasMessageEndingWith("Name it so: --csv x.csv");
        assertThatThrownBy(() -> checked("--json", "x.html")).hasMessageContaining("would be JSON");
        assertThatThrownBy(() -> checked("--html", "x.png")).hasMessageContaining("would be a page");
        checked("--png", "x.PNG", "--csv", "x.txt", "--json", "layer1.5", "--html", "x.htm");
    }

    @Test
    void two_results_may_not_share_a_place() {
        assertThatThrownBy(() -> checked("--json", "-", "--csv", "-"))
                .hasMessage("--json and --csv would both be written to -. Give each its own place.");
        assertThatThrownBy(() -> checked("--png", "a/../x", "--html", "x"))
                .hasMessage("--png and --html would both be written to x. Give each its own place.");
    }

    @Test
    void a_picture_is_not_printed() {
        assertThatThrownBy(() -> checked("--png", "-"))
                .hasMessage("--png - would print what a terminal cannot show. Name a file: --png result.png");
    }

    @Test
    void a_result_without_a_picture_says_what_to_take(@TempDir Path folder) {
        Verb verb = new Verb();
        CommandLine lens = lens(verb, "--png", folder.resolve("a.png").toString());
        Grid deep = new Grid(
                "Deep",
                "x",
                List.of(Axis.counted("a", 1), Axis.counted("b", 1), Axis.counted("c", 1), Axis.counted("d", 1)),
                new float[1]);
        assertThatThrownBy(() -> verb.output.write(lens, deep))
                .hasMessage("--png: there is no picture of Deep (x) [a=1 b=1 c=1 d=1]. Take --csv or --json.");
    }

    @Test
    void a_file_that_cannot_be_written_says_why(@TempDir Path folder) throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> written("--csv", file.resolve("a.csv").toString()))
                .isInstanceOf(WriteException.class)
                .hasMessageContaining("a file, and a folder is needed")
                .hasMessageEndingWith("Choose another place with --csv.");
    }
}
