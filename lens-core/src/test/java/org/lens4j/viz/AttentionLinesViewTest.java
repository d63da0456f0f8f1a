package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.RangeException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class AttentionLinesViewTest {
    private static final List<String> LABELS = List.of("0 When", "1·Mary", "2·and");
    private static final Grid PATTERN = new Grid(
            "Attention",
            "probability",
            List.of(new Axis("head", List.of("L0H3")), new Axis("query_pos", LABELS), new Axis("key_pos", LABELS)),
            new float[] {1, 0, 0, 0.2f, 0.8f, 0, 0.59f, 0.39f, 0.02f});

    private static List<Element> all(Rendering shown, String tag, String attribute) {
        NodeList nodes = Samples.live(shown).getElementsByTagName(tag);
        List<Element> found = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            if (((Element) nodes.item(i)).hasAttribute(attribute)) {
                found.add((Element) nodes.item(i));
            }
        }
        return found;
    }

    @Test
    void a_line_belongs_to_its_two_tokens_and_its_head_and_is_as_strong_as_the_attention() {
        List<Element> lines = all(AttentionLinesView.of(PATTERN), "path", "data-part");
        assertThat(lines.stream().map(it -> it.getAttribute("data-part") + " " + it.getAttribute("opacity")))
                .containsExactly("q0 k0 h0 1.00", "q1 k1 h0 0.80", "q2 k0 h0 0.59", "q2 k1 h0 0.39", "q1 k0 h0 0.20");
        assertThat(AttentionLinesView.of(PATTERN).html().orElseThrow()).contains("Left out: lines under 0.04.");
    }

    @Test
    void a_token_says_what_it_looks_at_and_what_looks_at_it() {
        List<Element> tokens = all(AttentionLinesView.of(PATTERN), "text", "data-show");
        assertThat(tokens).hasSize(6);
        assertThat(tokens.get(2).getAttribute("data-show")).isEqualTo("q2");
        assertThat(tokens.get(2).getAttribute("data-tip"))
                .isEqualTo("2·and looks at\n0.59  0 When  L0H3\n0.39  1·Mary  L0H3");
        assertThat(tokens.get(4).getAttribute("data-tip"))
                .isEqualTo("1·Mary is looked at by\n0.80  1·Mary  L0H3\n0.39  2·and  L0H3");
    }

    @Test
    void each_head_has_a_button() {
        List<Element> heads =
                all(AttentionLinesView.of(Samples.attention(3, 4, 0), List.of(2, 0)), "button", "data-show");
        assertThat(heads.stream().map(Element::getTextContent)).containsExactly("head 2", "head 0");
    }

    @ParameterizedTest
    @CsvSource({"1,1", "2,15", "12,40", "16,96", "4,300"})
    void every_size_stands_alone_within_a_megabyte(int heads, int positions) throws IOException {
        Rendering shown = AttentionLinesView.of(Samples.attention(heads, positions, 0));
        Samples.standsAlone(shown);
        assertThat(Samples.picture(shown).getWidth()).isLessThanOrEqualTo(1000);
        assertThat(shown.html().orElseThrow().contains("Shown: the last 96 of 300 tokens."))
                .isEqualTo(positions == 300);
    }

    @Test
    void repeated_colours_are_said() {
        assertThat(AttentionLinesView.of(Samples.attention(12, 4, 0)).html().orElseThrow())
                .contains("5 heads have the colours of others: point at one to see it alone.");
    }

    @Test
    void an_unknown_head_is_named() {
        assertThatThrownBy(() -> AttentionLinesView.of(PATTERN, List.of(4))).isInstanceOf(RangeException.class);
    }
}
