package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.ShapeException;

class HeatmapTest {
    @Test
    void small_grids_have_their_numbers_written() {
        JsonObject maps = Samples.maps(Heatmap.of(Samples.matrix(2, 2, -3.2f, 0.01f, Float.NaN, 3.2f)));
        assertThat(Samples.strings(Samples.panel(maps, 0), "texts")).containsExactly("-3.20", "0.01", "", "3.20");
        assertThat(Samples.number(maps, 0, 0, 0)).isEqualTo("-3.20");
        assertThat(Samples.number(maps, 0, 1, 0)).isEmpty();
    }

    @Test
    void large_grids_are_not_written_over() {
        JsonObject maps = Samples.maps(Heatmap.of(Samples.matrix(2, 20, new float[40])));
        assertThat(Samples.panel(maps, 0).has("texts")).isFalse();
    }

    @Test
    void of_large_grids_with_both_signs_the_cells_apart_from_the_others_are_named() {
        int n = 60;
        float[] values = new float[n * n];
        Arrays.fill(values, -8);
        values[7] = 6;
        values[n + 3] = -8.5f;
        Grid grid = new Grid("Patched", "logit", List.of(Axis.counted("layer", n), Axis.counted("pos", n)), values);
        assertThat(Heatmap.text(grid)
                        .lines()
                        .map(it -> it.strip().replaceAll(" +", " "))
                        .toList())
                .startsWith(
                        "Patched (logit), rows: layer, columns: pos. The cells that stand out most:",
                        "0 7 6",
                        "1 3 -8.5");
    }

    @Test
    void of_many_ranks_the_best_are_named() {
        float[] ranks = new float[400];
        Arrays.fill(ranks, 580);
        ranks[45] = 1;
        ranks[87] = 0;
        Grid grid = new Grid("Rank", "rank", List.of(Axis.counted("layer", 20), Axis.counted("pos", 20)), ranks);
        assertThat(Heatmap.text(grid).lines().map(it -> it.strip().replaceAll(" +", " ")))
                .startsWith("Rank (rank), rows: layer, columns: pos. The best ranks:", "4 7 0", "2 5 1");
        assertThat(Heatmap.of(grid).alt()).endsWith(" Best: L4, 7, 0.");
    }

    @Test
    void sixteen_rows_and_columns_are_whole_in_lines_that_a_terminal_holds() {
        float[] values = new float[256];
        for (int i = 0; i < values.length; i++) {
            values[i] = -0.01234f - i / 1000f;
        }
        List<String> lines =
                Heatmap.text(Samples.matrix(16, 16, values)).lines().toList();
        assertThat(lines).allMatch(line -> line.length() <= 120).hasSizeGreaterThan(2 * 16);
        assertThat(String.join(" ", lines)).contains("-0.01234").contains("-0.2673");
    }

    @Test
    void what_the_logit_lens_measures_has_the_last_layer_on_top_as_the_lens_has() {
        Axis places = new Axis("component", List.of("0_pre", "1_pre", "final_post"));
        Grid kl = new Grid("KL", "nats", List.of(places, Axis.counted("pos", 2)), new float[] {1, 2, 3, 4, 5, 6});
        Rendering shown = GridView.of(kl);
        assertThat(Samples.strings(Samples.maps(shown), "rows")).containsExactly("final_post", "1_pre", "0_pre");
        assertThat(Samples.number(Samples.maps(shown), 0, 0, 1)).isEqualTo("6.00");
        assertThat(shown.text()).contains("The last layer is on top.").containsSubsequence("final_post", "0_pre");
        Grid targets = Grid.stacked("Two", new Axis("target", List.of("a", "b")), kl, kl);
        assertThat(Samples.strings(Samples.maps(GridView.of(targets)), "rows"))
                .containsExactly("final_post", "1_pre", "0_pre");
        Axis parts = new Axis("component", List.of("embed", "0_mlp_out", "1_mlp_out"));
        Grid written = new Grid("DLA", "logit", List.of(parts, Axis.counted("pos", 2)), kl.values());
        assertThat(Samples.strings(Samples.maps(GridView.of(written)), "rows")).startsWith("embed");
    }

    @Test
    void layers_and_heads_have_their_letters_wherever_they_stand() {
        List<Axis> axes = List.of(Axis.counted("layer", 1), Axis.counted("pos", 2), Axis.counted("head", 2));
        Rendering byPosition = GridView.of(new Grid("head_out_by_pos", "logit", axes, new float[4]));
        assertThat(Samples.strings(Samples.maps(byPosition), "columns")).containsExactly("H0", "H1");
        assertThat(Samples.strings(Samples.maps(byPosition), "axes")).containsExactly("position ", "");
        Rendering byLayer = GridView.of(Samples.matrix(2, 2, 1, 2, 3, 4));
        assertThat(Samples.strings(Samples.maps(byLayer), "rows")).containsExactly("L0", "L1");
        assertThat(byLayer.text()).contains("L1  3  4");
    }

    @Test
    void a_title_too_long_for_the_picture_goes_on_in_a_second_line() throws IOException {
        String word = "recovered logit difference ";
        Grid brief = new Grid("d", "logit", List.of(Axis.counted("pos", 2)), new float[2]);
        Grid wordy = new Grid(word.repeat(6).strip(), "logit", brief.axes(), brief.values());
        assertThat(Samples.picture(Heatmap.of(wordy)).getHeight())
                .isGreaterThan(Samples.picture(Heatmap.of(brief)).getHeight());
    }

    @Test
    void the_meaning_of_the_colours_is_said() {
        JsonObject maps = Samples.maps(Heatmap.of(Samples.matrix(1, 2, -1, 1)));
        assertThat(maps.get("caption").getAsString()).contains("logit (blue = up, red = down)");
        assertThat(Samples.strings(maps, "colors")).startsWith("#67001f").endsWith("#053061");
        assertThat(maps.get("min").getAsFloat()).isEqualTo(-1);
    }

    @Test
    void a_place_is_said_with_its_axes_and_a_head_by_its_name() {
        assertThat(Samples.strings(Samples.maps(Heatmap.of(Samples.matrix(1, 2, -1, 1))), "axes"))
                .containsExactly("", "position ");
        List<Axis> axes = List.of(Axis.counted("layer", 1), Axis.counted("head", 2));
        JsonObject heads = Samples.maps(Heatmap.of(new Grid("t", "score", axes, new float[] {0, 1})));
        assertThat(Samples.strings(heads, "axes")).containsExactly("", "");
        assertThat(Samples.strings(heads, "rows")).containsExactly("L0");
    }

    @Test
    void one_axis_is_a_row_and_a_list() {
        Grid grid = new Grid("t", "u", List.of(new Axis("component", List.of("embed", "0_attn"))), new float[] {1, -2});
        Rendering shown = Heatmap.of(grid);
        Samples.standsAlone(shown);
        assertThat(shown.text()).isEqualTo("t (u), columns: component\nembed    1\n0_attn  -2");
    }

    @Test
    void an_empty_picture_is_still_a_picture() throws IOException {
        Rendering shown = Heatmap.of(Samples.matrix(1, 2, Float.NaN, Float.NaN));
        assertThat(Samples.picture(shown).getWidth()).isGreaterThan(100);
    }

    @Test
    void three_axes_are_sent_elsewhere() {
        assertThatThrownBy(() -> Heatmap.of(Samples.attention(1, 2, 0)))
                .isInstanceOf(ShapeException.class)
                .hasMessage("A heat map needs one or two axes, \"Attention pattern, layer 1\" has "
                        + "[head=1 query_pos=2 key_pos=2]. Fix the others with slice(axis, index), "
                        + "or show it with GridView.of(grid).");
    }

    @Test
    void a_block_keeps_its_strongest_number() {
        float[] values = new float[200 * 3];
        Arrays.fill(values, Float.NaN);
        values[3] = 0.5f;
        values[0] = -4;
        values[1] = 1;
        Pooled small = Pooled.of(Samples.matrix(200, 3, values));
        assertThat(small.grid().shape()).isEqualTo("[layer=67 pos=3]");
        assertThat(small.grid().at(0, 0)).isEqualTo(-4);
        assertThat(small.grid().at(0, 1)).isEqualTo(1);
        assertThat(small.grid().at(0, 2)).isNaN();
        assertThat(small.note()).isEqualTo("Downsampled: each cell is the strongest of 3 × 1.");
    }

    @Test
    void a_long_single_axis_stands_upright_with_its_numbers_written() throws IOException {
        Axis parts = new Axis(
                "component",
                java.util.stream.IntStream.range(0, 26)
                        .mapToObj(i -> i + "_attn_out")
                        .toList());
        float[] values = new float[26];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i - 9) / 3f;
        }
        Grid bars = new Grid("d", "logit", List.of(parts), values);
        Rendering shown = Heatmap.of(bars);
        assertThat(Samples.picture(shown).getHeight())
                .isGreaterThan(Samples.picture(shown).getWidth());
        JsonObject maps = Samples.maps(shown);
        assertThat(Samples.strings(maps, "rows")).hasSize(26);
        assertThat(maps.get("caption").getAsString())
                .contains("rows: component")
                .doesNotContain("columns");
        assertThat(shown.text()).contains("25_attn_out");
    }

    @Test
    void every_number_of_axes_has_a_form() throws IOException {
        assertThat(GridView.of(new Grid("n", "u", List.of(), new float[] {3})).text())
                .isEqualTo("n: 1 row × 1 column\nvalue\n    3");
        List<Axis> three = List.of(Axis.counted("layer", 2), Axis.counted("head", 2), Axis.counted("kind", 3));
        Rendering side = GridView.of(new Grid("s", "score", three, new float[12]));
        assertThat(Samples.maps(side).getAsJsonArray("panels")).hasSize(2);
        assertThat(Samples.picture(side).getWidth()).isLessThanOrEqualTo(1600);
        List<Axis> four =
                List.of(Axis.counted("a", 1), Axis.counted("b", 1), Axis.counted("c", 1), Axis.counted("d", 2));
        assertThat(GridView.of(new Grid("f", "u", four, new float[2])).text()).startsWith("f: 2 rows × 5 columns");
    }

    @Test
    void a_rendering_cannot_be_changed_from_outside() {
        byte[] image = {1, 2};
        Rendering rendering = Rendering.of("t").withPng(image, "a");
        image[0] = 9;
        rendering.png().orElseThrow()[1] = 9;
        assertThat(rendering.png().orElseThrow()).containsExactly(1, 2);
    }

    @Test
    void a_long_title_goes_on_in_a_second_line() throws IOException {
        Grid grid = Samples.matrix(2, 2, 1, 2, 3, 4);
        String twice = "recovered logit difference, patching head_out_by_pos (estimated), mean of layer 0";
        Rendering longer = Heatmap.of(new Grid(twice, "logit", grid.axes(), grid.values()));
        int line = Samples.picture(longer).getHeight()
                - Samples.picture(Heatmap.of(grid)).getHeight();
        assertThat(line).isEqualTo(18);
    }
}
