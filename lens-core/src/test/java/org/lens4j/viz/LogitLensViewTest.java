package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

class LogitLensViewTest {
    @Test
    void the_last_component_is_on_top() {
        Document page = Samples.parsed(LogitLensView.of(Samples.lens(5, 8)));
        Element first = (Element) page.getElementsByTagName("th").item(0);
        assertThat(first.getTextContent()).isEqualTo("4");
        assertThat(LogitLensView.of(Samples.lens(5, 3)).text().lines().skip(3))
                .first()
                .asString()
                .isEqualTo("4  <|endoftext|>   0.83  When    0.83  ·Mary   0.83");
    }

    @Test
    void each_cell_shows_its_token_and_tells_the_runners_up() {
        Document page = Samples.parsed(LogitLensView.of(Samples.lens(2, 3)));
        Element cell = (Element) page.getElementsByTagName("td").item(2);
        assertThat(cell.getTextContent()).isEqualTo("·Mary");
        assertThat(cell.getAttribute("title")).isEqualTo("1, 2·Mary\n0.67  ·Mary\n0.17  ·runner");
    }

    @Test
    void html_is_safe() {
        assertThat(LogitLensView.of(Samples.lens(2, 10)).html().orElseThrow())
                .doesNotContain("<|", "<script", " id=", "http")
                .contains("&lt;|endoftext|&gt;");
    }

    @ParameterizedTest
    @CsvSource({"2,1", "5,15", "13,40", "13,300"})
    void every_size_stays_within_what_a_notebook_can_carry(int components, int positions) throws IOException {
        Rendering shown = LogitLensView.of(Samples.lens(components, positions));
        Samples.parsed(shown);
        assertThat(Samples.picture(shown).getWidth()).isLessThanOrEqualTo(1600);
        assertThat(shown.png().orElseThrow()).hasSizeLessThan(600_000);
        assertThat(shown.html().orElseThrow()).hasSizeLessThan(1_000_000);
        assertThat(shown.text().lines()).allMatch(line -> line.length() <= 170);
    }

    @Test
    void a_very_long_prompt_is_cut_with_a_note() {
        assertThat(LogitLensView.of(Samples.lens(2, 300)).text()).contains("Shown: the last 72 of 300 positions.");
    }
}
