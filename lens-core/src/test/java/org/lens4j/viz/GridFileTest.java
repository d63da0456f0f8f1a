package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.UsageException;
import tech.tablesaw.api.FloatColumn;
import tech.tablesaw.api.IntColumn;
import tech.tablesaw.api.StringColumn;
import tech.tablesaw.api.Table;

/** Results as CSV, JSON, pictures and pages. */
class GridFileTest {
    private static final List<Axis> AXES =
            List.of(Axis.counted("layer", 2), new Axis("pos", List.of("0· a,b", "1·\"c\"")));
    private static final Grid GRID = new Grid("Scores <b>", "logit", AXES, new float[] {0.5f, Float.NaN, -2, 1e-7f});

    @TempDir
    private Path folder;

    @Test
    void csv_has_a_line_for_each_number_and_quotes_what_needs_it() throws IOException {
        Path file = GridFile.write(GRID, folder.resolve("deep/er/a.csv"));
        assertThat(file)
                .hasContent(
                        "layer,pos,value\n0,\"0· a,b\",0.5\n0,\"1·\"\"c\"\"\",\n1,\"0· a,b\",-2.0\n1,\"1·\"\"c\"\"\",1.0E-7\n");
    }

    @Test
    void json_has_axes_and_numbers_and_null_where_there_is_none() throws IOException {
        Path file = GridFile.write(GRID, folder.resolve("a.json"));
        assertThat(JsonParser.parseString(Files.readString(file))).isEqualTo(JsonParser.parseString("""
                        {"title": "Scores <b>", "unit": "logit",
                         "axes": [{"name": "layer", "labels": ["0", "1"]},
                                  {"name": "pos", "labels": ["0· a,b", "1·\\"c\\""]}],
                         "values": [[0.5, null], [-2.0, 1.0E-7]], "notes": []}"""));
    }

    @Test
    void several_grids_and_words_are_columns_of_one_csv_and_results_of_one_json() {
        Grid ranks = new Grid("Ranks", "rank", AXES, new float[] {1, 2, 3, 4});
        GridText text = new GridText(
                List.of(GRID, ranks),
                Optional.of(new GridText.Words("Token", List.of("a", "b", "c", "d"))),
                List.of("A note."));
        assertThat(text.csv()).startsWith("layer,pos,Scores <b>,Ranks,Token\n0,\"0· a,b\",0.5,1.0,a\n");
        assertThat(JsonParser.parseString(text.json()).getAsJsonObject().getAsJsonArray("results"))
                .hasSize(3);
        assertThat(text.json()).endsWith("\"notes\":[\"A note.\"]}");
    }

    @Test
    void pictures_pages_and_text_are_what_is_shown() throws IOException {
        assertThat(ImageIO.read(GridFile.write(GRID, folder.resolve("a.PNG")).toFile())
                        .getWidth())
                .isPositive();
        assertThat(GridFile.write(GRID, folder.resolve("a.html")))
                .content()
                .startsWith("<!DOCTYPE html>")
                .contains("<title>Scores &lt;b&gt;</title>")
                .doesNotContain("http://", "https://");
        assertThat(GridFile.write(GRID, folder.resolve("a.txt")))
                .content()
                .isEqualTo(GridView.of(GRID).text() + "\n");
    }

    @Test
    void a_table_is_written_row_by_row_with_every_digit() throws Exception {
        Table table = Table.create(
                "Words",
                StringColumn.create("word", "a,b", ""),
                FloatColumn.create("share", 0.1f, Float.NaN),
                IntColumn.create("count", 3, 4));
        assertThat(GridFile.write(table, folder.resolve("t.csv")))
                .content()
                .isEqualTo("word,share,count\n\"a,b\",0.1,3\n,,4\n");
        assertThat(GridFile.write(table, folder.resolve("t.json")))
                .content()
                .isEqualTo("[{'word':'a,b','share':0.1,'count':3},{'word':null,'share':null,'count':4}]\n"
                        .replace('\'', '"'));
        assertThat(GridFile.write(table, folder.resolve("t.txt")))
                .content()
                .isEqualTo(TableView.of(table).text() + "\n");
        assertThat(GridFile.write(table, folder.resolve("t.html"))).content().contains("<title>Words</title>");
        assertThatThrownBy(() -> GridFile.write(table, folder.resolve("t.png"))).isInstanceOf(UsageException.class);
    }

    @Test
    void a_name_that_says_no_form_and_a_form_that_is_not_there_are_refused() {
        assertThatThrownBy(() -> GridFile.write(GRID, folder.resolve("scores")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("does not say what to write. Let its name end in .csv or .json");
        assertThatThrownBy(() -> GridFile.write(Rendering.of("words"), "Words", folder.resolve("a.png")))
                .hasMessageEndingWith(
                        "a.png: this result has no png. Its text goes into a .txt file; numbers of a grid, into a .csv or .json file.");
        assertThatThrownBy(() -> GridFile.write(Rendering.of("words"), "Words", folder.resolve("a.csv")))
                .isInstanceOf(UsageException.class);
    }
}
