package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.w3c.dom.Document;
import tech.tablesaw.api.Table;

class GridTableTest {
    @Test
    void there_is_a_row_for_each_cell_in_the_grids_order() {
        Grid grid = Samples.attention(2, 4, 0);
        Table table = GridTable.of(grid);
        assertThat(table.columnNames()).containsExactly("head", "query_pos", "key_pos", "value");
        assertThat(table.rowCount()).isEqualTo(2 * 4 * 4);
        int row = (4 + 2) * 4 + 1;
        assertThat(table.intColumn("head").get(row)).isEqualTo(1);
        assertThat(table.stringColumn("query_pos").get(row)).isEqualTo("2·Mary");
        assertThat(table.stringColumn("key_pos").get(row)).isEqualTo("1 When");
        assertThat(table.floatColumn("value").get(row)).isEqualTo(grid.at(1, 2, 1));
    }

    @Test
    void nan_is_a_missing_value() {
        assertThat(GridTable.of(Samples.matrix(1, 2, Float.NaN, 1))
                        .floatColumn("value")
                        .isMissing(0))
                .isTrue();
    }

    @Test
    void names_become_snake_case_and_stay_unique() {
        Grid grid = new Grid(
                "x",
                "y",
                List.of(Axis.counted("queryPos", 1), Axis.counted("Value", 1), Axis.counted("value", 1)),
                new float[] {1});
        assertThat(GridTable.of(grid).columnNames()).containsExactly("query_pos", "value_2", "value_3", "value");
    }

    @Test
    void a_long_table_shows_both_ends() {
        Rendering shown = TableView.of(GridTable.of(Samples.matrix(10, 10, new float[100])));
        Document page = Samples.parsed(shown);
        assertThat(page.getElementsByTagName("tr").getLength()).isEqualTo(1 + 20 + 1 + 20);
        assertThat(page.getElementsByTagName("caption").item(0).getTextContent())
                .isEqualTo("A result: 100 rows × 3 columns, the first and last 20 rows shown");
        assertThat(shown.text().lines()).hasSize(1 + 1 + 20 + 1 + 20);
    }

    @Test
    void a_table_of_forty_rows_is_shown_whole() {
        Document page = Samples.parsed(TableView.of(GridTable.of(Samples.matrix(4, 10, new float[40]))));
        assertThat(page.getElementsByTagName("tr").getLength()).isEqualTo(1 + 40);
    }

    @Test
    void a_table_is_escaped_and_its_numbers_are_short_and_to_the_right() {
        Grid grid = new Grid(
                "<T>", "logit", List.of(new Axis("token", List.of("<|endoftext|>", "a"))), new float[] {0.123456f, 2});
        Rendering shown = TableView.of(GridTable.of(grid));
        assertThat(shown.html().orElseThrow())
                .contains("&lt;|endoftext|&gt;", "text-align:right\">0.1235</td>")
                .doesNotContain("<|", "<T>");
        assertThat(shown.text())
                .isEqualTo(
                        "<T>: 2 rows × 2 columns\ntoken           value\n<|endoftext|>  0.1235\na                   2");
    }
}
