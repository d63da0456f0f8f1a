package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;

class AttentionViewTest {
    private static final int WIDEST = 1600;
    private static final int LARGEST_PNG = 400_000;
    private static final int LONGEST_HTML = 1_000_000;

    @ParameterizedTest
    @CsvSource({"1,1", "1,2", "2,15", "4,15", "8,10", "12,40", "16,64", "1,200", "32,20"})
    void every_size_stays_within_what_a_notebook_can_carry(int heads, int positions) throws IOException {
        Rendering shown = AttentionView.of(Samples.attention(heads, positions, Float.NaN));
        Samples.parsed(shown);
        assertThat(Samples.picture(shown).getWidth()).isLessThanOrEqualTo(WIDEST);
        assertThat(shown.png().orElseThrow()).hasSizeLessThan(LARGEST_PNG);
        assertThat(shown.html().orElseThrow()).hasSizeLessThan(LONGEST_HTML);
    }

    @Test
    void a_map_for_each_head_and_a_number_for_each_visible_pair() {
        JsonObject maps = Samples.maps(AttentionView.of(Samples.attention(3, 10, Float.NaN)));
        assertThat(maps.getAsJsonArray("panels")).hasSize(3);
        for (int head = 0; head < 3; head++) {
            String[] values =
                    Samples.panel(maps, head).get("values").getAsString().split(",", -1);
            assertThat(values).hasSize(100);
            assertThat(Arrays.stream(values).filter(it -> !it.isEmpty())).hasSize(10 * 11 / 2);
        }
    }

    @Test
    void every_token_heads_a_row_and_a_column() {
        JsonObject maps = Samples.maps(AttentionView.of(Samples.attention(1, 10, Float.NaN)));
        List<String> labels = Samples.attention(1, 10, 0).axes().get(1).labels();
        assertThat(Samples.strings(maps, "rows")).isEqualTo(labels);
        assertThat(Samples.strings(maps, "columns")).isEqualTo(labels);
        assertThat(maps.get("causal").getAsBoolean()).isTrue();
    }

    @Test
    void html_is_safe_and_stands_alone() {
        Samples.standsAlone(AttentionView.of(Samples.attention(2, 10, 0)));
    }

    @Test
    void a_reader_is_told_the_same_number_everywhere_from_query_to_key() {
        Grid grid = Samples.attention(1, 3, Float.NaN);
        JsonObject maps = Samples.maps(AttentionView.of(grid));
        assertThat(maps.get("between").getAsString()).isEqualTo(" → ");
        assertThat(Samples.strings(maps, "axes")).containsExactly("query ", "key ");
        assertThat(Samples.number(maps, 0, 2, 1)).isEqualTo(Numerals.probability(grid.at(0, 2, 1)));
    }

    @Test
    void zeros_above_the_diagonal_are_as_empty_as_nan() {
        Rendering zeros = AttentionView.of(Samples.attention(2, 6, 0));
        Rendering nans = AttentionView.of(Samples.attention(2, 6, Float.NaN));
        assertThat(zeros.html()).isEqualTo(nans.html());
        assertThat(zeros.png().orElseThrow()).isEqualTo(nans.png().orElseThrow());
    }

    @Test
    void nothing_is_painted_black() throws IOException {
        BufferedImage image = Samples.picture(AttentionView.of(Samples.attention(4, 15, Float.NaN)));
        int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        assertThat(pixels).doesNotContain(0xff000000);
        assertThat(pixels).contains(0xffffffff);
    }

    @Test
    void the_text_names_the_strongest_pairs_of_each_head() {
        float[] values = {1, 0, 0, 0.2f, 0.8f, 0, 0.5f, 0.4f, 0.1f};
        List<String> labels = List.of("0 When", "1·Mary", "2·and");
        Grid grid = new Grid(
                "Attention pattern, layer 0",
                "probability",
                List.of(new Axis("head", List.of("L0H3")), new Axis("query_pos", labels), new Axis("key_pos", labels)),
                values);
        assertThat(AttentionView.of(grid).text().lines())
                .containsExactly(
                        "Attention pattern, layer 0: 1 head × 3 tokens. The strongest 3 of each head, first query left out:",
                        "      query      key        p",
                        "L0H3  1·Mary  →  1·Mary  0.80",
                        "      2·and   →  0 When  0.50",
                        "      2·and   →  1·Mary  0.40");
        assertThat(AttentionView.of(grid).alt()).contains("L0H3, 1·Mary → 1·Mary, 0.80");
    }

    @Test
    void chosen_heads_keep_their_names_and_order() {
        String text = AttentionView.of(Samples.attention(8, 5, Float.NaN), List.of(6, 2))
                .text();
        assertThat(text).contains("head 6", "head 2").doesNotContain("head 0", "head 7");
        assertThat(text.indexOf("head 6")).isLessThan(text.indexOf("head 2"));
    }

    @Test
    void very_long_prompts_are_downsampled_with_a_note() {
        assertThat(AttentionView.of(Samples.attention(1, 200, 0)).html().orElseThrow())
                .contains("Downsampled: each cell is the strongest of 3 × 3.");
    }

    @Test
    void an_unknown_head_is_named() {
        assertThatThrownBy(() -> AttentionView.of(Samples.attention(4, 3, 0), List.of(4)))
                .isInstanceOf(RangeException.class)
                .hasMessage("The grid has no head 4: it has 4, numbered 0 to 3. Ask for one of those.");
    }

    @Test
    void no_head_is_not_a_picture() {
        assertThatThrownBy(() -> AttentionView.of(Samples.attention(4, 3, 0), List.of()))
                .isInstanceOf(RangeException.class)
                .hasMessage("No head was asked for. \"Attention pattern, layer 1\" has 4, numbered from 0. "
                        + "Name at least one.");
    }

    @Test
    void other_axes_are_sent_elsewhere() {
        assertThatThrownBy(() -> AttentionView.of(Samples.matrix(1, 1, 0)))
                .isInstanceOf(ShapeException.class)
                .hasMessage("An attention picture needs the axes [head query_pos key_pos], \"A result\" has "
                        + "[layer=1 pos=1]. Take one layer, or show it with GridView.of(grid).");
    }
}
