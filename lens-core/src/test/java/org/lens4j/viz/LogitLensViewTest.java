package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogitLensViewTest {
    @Test
    void the_last_component_is_on_top() {
        assertThat(Samples.strings(Samples.maps(LogitLensView.of(Samples.lens(5, 8))), "rows"))
                .containsExactly("4", "3", "2", "1", "0");
        assertThat(LogitLensView.of(Samples.lens(5, 3)).text().lines().skip(3))
                .first()
                .asString()
                .isEqualTo("4  <|endoftext|>   0.83  When    0.83  ·Mary   0.83");
    }

    @Test
    void each_cell_shows_its_token_and_tells_the_runners_up() {
        JsonObject maps = Samples.maps(LogitLensView.of(Samples.lens(2, 3)));
        assertThat(Samples.strings(Samples.panel(maps, 0), "texts").get(2)).isEqualTo("·Mary");
        assertThat(Samples.strings(Samples.panel(maps, 0), "more").get(2)).isEqualTo("0.67  ·Mary\n0.17  ·runner");
    }

    @Test
    void html_is_safe_and_stands_alone() {
        Samples.standsAlone(LogitLensView.of(Samples.lens(2, 10)));
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
