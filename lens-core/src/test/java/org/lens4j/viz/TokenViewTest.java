package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.ShapeException;
import org.lens4j.text.TokenLabels;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class TokenViewTest {
    private static Grid loss(float... values) {
        List<String> labels = TokenLabels.labels(Samples.tokens(values.length));
        return new Grid("Surprise", "nats", List.of(new Axis("pos", labels)), values);
    }

    private static Element token(Rendering shown, int index) {
        return (Element) Samples.live(shown).getElementsByTagName("span").item(index + 1); // after the colour bar
    }

    @Test
    void a_token_is_shown_without_its_index_and_says_it_with_its_number() {
        Rendering shown = TokenView.of(loss(0, 2, 4));
        assertThat(token(shown, 2).getTextContent()).isEqualTo("·Mary");
        assertThat(token(shown, 2).getAttribute("data-tip")).isEqualTo("2·Mary : 4");
        assertThat(shown.text()).isEqualTo("Surprise (nats)\n<|endoftext|>(0) When(2) ·Mary(4)");
        assertThat(shown.alt()).isEqualTo("Surprise: a text of 3 tokens, each coloured by nats. Strongest: ·Mary, 4.");
    }

    @Test
    void white_is_zero_blue_is_up_red_is_down_and_nothing_is_no_colour() {
        Rendering shown = TokenView.of(loss(0, 4, -4, Float.NaN));
        assertThat(token(shown, 0).getAttribute("style")).isEqualTo("background:#f7f7f7;color:#000000");
        assertThat(token(shown, 1).getAttribute("style")).isEqualTo("background:#053061;color:#ffffff");
        assertThat(token(shown, 2).getAttribute("style")).isEqualTo("background:#67001f;color:#ffffff");
        assertThat(token(shown, 3).hasAttribute("style")).isFalse();
        assertThat(token(TokenView.of(loss(0, 4)), 1).getAttribute("style")).startsWith("background:#053061");
    }

    @Test
    void several_numbers_are_several_named_lines() {
        Grid grid = new Grid(
                "Heads",
                "score",
                List.of(Axis.counted("head", 2), new Axis("pos", List.of("0 a", "1·b"))),
                new float[] {1, 2, 3, 4});
        NodeList names = Samples.live(TokenView.of(grid)).getElementsByTagName("b");
        assertThat(names.item(1).getTextContent()).isEqualTo("head 0");
        assertThat(names.item(2).getTextContent()).isEqualTo("head 1");
        assertThat(TokenView.of(grid).text()).endsWith("head 1\na(3) ·b(4)");
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,60", "1,2000", "1,20000", "12,100", "200,100"})
    void every_size_stands_alone_within_a_megabyte(int metrics, int tokens) throws IOException {
        float[] values = new float[metrics * tokens];
        Arrays.fill(values, 0.5f);
        List<String> labels = TokenLabels.labels(Samples.tokens(tokens));
        Rendering shown = TokenView.of(
                new Grid("t", "nats", List.of(Axis.counted("head", metrics), new Axis("pos", labels)), values));
        Samples.standsAlone(shown);
        assertThat(Samples.picture(shown).getWidth()).isLessThanOrEqualTo(1000);
        if (tokens > 1200) {
            assertThat(shown.html().orElseThrow()).contains("Shown: the last 1200 of %d tokens.".formatted(tokens));
        }
        if (metrics > 40) {
            assertThat(shown.html().orElseThrow()).contains("Shown: the first 40 of 200 along head.");
        }
    }

    @Test
    void other_axes_are_sent_elsewhere() {
        assertThatThrownBy(() -> TokenView.of(Samples.attention(1, 2, 0)))
                .isInstanceOf(ShapeException.class)
                .hasMessage("Coloured tokens need the axes [pos] or [metric pos], \"Attention pattern, layer 1\" has "
                        + "[head=1 query_pos=2 key_pos=2]. Fix the others with slice(axis, index).");
    }
}
