package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.residual.LogitAttribution;
import org.lens4j.error.RangeException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class BarsViewTest {
    private static final Grid PARTS = new Grid(
            "Parts", "logit", List.of(new Axis("component", List.of("embed", "0_attn", "0_mlp"))), new float[] {1, -2, 4
            });

    private static int count(BufferedImage image, int y, int color) {
        int count = 0;
        for (int x = 0; x < image.getWidth(); x++) {
            count += image.getRGB(x, y) == color ? 1 : 0;
        }
        return count;
    }

    @Test
    void a_bar_is_as_long_as_its_number_blue_to_the_right_and_red_to_the_left() throws IOException {
        BufferedImage image = Samples.picture(BarsView.of(PARTS));
        int head = 14 + Heading.of("t", "n").height(Ink.pen(image), 600);
        int up = Palette.UP.getRGB();
        int down = Palette.DOWN.getRGB();
        int full = count(image, head + 2 * 24 + 12, up);
        assertThat(full).isBetween(205, 211);
        assertThat(count(image, head + 12, up)).isBetween(full / 4 - 3, full / 4 + 3);
        assertThat(count(image, head + 24 + 12, down)).isBetween(full / 2 - 3, full / 2 + 3);
        assertThat(count(image, head + 24 + 12, up)).isZero();
    }

    @Test
    void html_has_a_row_for_each_bar_that_says_its_number() {
        Rendering shown = BarsView.of(PARTS);
        Samples.standsAlone(shown);
        NodeList rows = Samples.live(shown).getElementsByTagName("tr");
        assertThat(rows.getLength()).isEqualTo(3);
        assertThat(((Element) rows.item(1)).getAttribute("data-tip")).isEqualTo("0_attn : -2 logit");
        Element bar =
                (Element) ((Element) rows.item(1)).getElementsByTagName("s").item(0);
        assertThat(bar.getAttribute("style")).isEqualTo("left:25.00%;width:25.00%;background:#c92a35");
        assertThat(shown.html().orElseThrow()).contains("logit (blue = up, red = down)");
    }

    @Test
    void the_text_says_the_same() {
        assertThat(BarsView.of(PARTS).text()).isEqualTo("""
                        Parts (logit)
                        embed    1.00  ██████
                        0_attn  -2.00  ------------
                        0_mlp    4.00  ████████████████████████""");
        assertThat(BarsView.of(PARTS).alt()).isEqualTo("Parts: 3 bars of logit. Strongest: 0_mlp, 4.00.");
    }

    @Test
    void the_strongest_come_first_heads_have_their_names_and_notes_stand_below() {
        Grid heads = new Grid(
                "Heads", "logit", List.of(Axis.counted("layer", 2), Axis.counted("head", 2)), new float[] {1, -3, 2, 0
                });
        assertThat(BarsView.strongest(heads, 2).text().lines())
                .containsExactly(
                        "Heads (logit)",
                        "L0H1  -3.00  ------------------------",
                        "L1H0   2.00  ████████████████",
                        "Shown: the strongest 2 of 4.");
    }

    @Test
    void long_lists_are_cut_with_a_note() {
        Grid many = new Grid("Many", "logit", List.of(Axis.counted("neuron", 500)), new float[500]);
        assertThat(BarsView.of(many).html().orElseThrow()).contains("Shown: the strongest 60 of 500.");
        Samples.standsAlone(BarsView.of(many));
    }

    @Test
    void an_attribution_that_shows_a_part_says_what_the_part_adds() {
        float[] logits = new float[100];
        Arrays.fill(logits, 0, 30, 0.5f);
        List<Axis> axes = List.of(Axis.counted("prompt", 1), Axis.counted("layer", 1), Axis.counted("neuron", 100));
        LogitAttribution neurons =
                new LogitAttribution(new Grid("Neurons", "logit", axes, logits), List.of(20f), List.of(3), List.of());
        assertThat(BarsView.of(neurons).text()).contains("Shown: the strongest 20 of 100, which add 10.000.");
    }

    @Test
    void no_bar_is_not_a_picture() {
        assertThatThrownBy(() -> BarsView.strongest(PARTS, 0))
                .isInstanceOf(RangeException.class)
                .hasMessage("0 bars of \"Parts\" are asked for. Ask for at least 1.");
    }

    @Test
    void nothing_to_show_says_so() {
        Grid empty = new Grid("Empty", "logit", List.of(Axis.counted("layer", 1)), new float[] {Float.NaN});
        assertThat(BarsView.strongest(empty, 3).text()).isEqualTo("Empty: nothing to show");
    }
}
