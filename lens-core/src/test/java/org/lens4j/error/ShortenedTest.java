package org.lens4j.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShortenedTest {
    @Test
    void a_text_of_eighty_characters_is_left_as_it_is_and_a_longer_one_ends_in_dots() {
        assertThat(Shortened.of("x".repeat(80))).isEqualTo("x".repeat(80));
        assertThat(Shortened.of("x".repeat(81))).isEqualTo("x".repeat(79) + "…");
    }

    @Test
    void no_character_is_cut_in_two() {
        assertThat(Shortened.of("x".repeat(78) + "😀😀")).isEqualTo("x".repeat(78) + "…");
    }

    @Test
    void an_unknown_name_is_said_short_and_kept_whole() {
        UnknownNameException unknown = UnknownNameException.of("head", "y".repeat(500), "here", List.of("a"), "");
        assertThat(unknown).hasMessage("Unknown head \"%s…\" in here. Closest of 1: a.".formatted("y".repeat(79)));
        assertThat(unknown.name()).hasSize(500);
    }
}
