package org.lens4j.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenLabelsTest {
    @Test
    void an_index_is_followed_by_the_tokens_own_space_marker() {
        assertThat(TokenLabels.labels(List.of("When", " Mary", "\n", " 7", "7", "<|endoftext|>")))
                .containsExactly("0 When", "1·Mary", "2 ⏎", "3·7", "4 7", "5 <|endoftext|>");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '=',
            value = {"0020=·", "000A=⏎", "0009=⇥", "0007=\\x07", "00AD=\\xAD", "200B=\\x{200B}", "00E9=é", "4E2D=中"})
    void a_character_without_picture_gets_one(String codePoint, String visible) {
        assertThat(TokenLabels.visible(Character.toString(Integer.parseInt(codePoint, 16))))
                .isEqualTo(visible);
    }

    @Test
    void the_empty_token_is_visible() {
        assertThat(TokenLabels.visible("")).isEqualTo("∅");
    }

    @Test
    void every_space_of_a_token_is_shown() {
        assertThat(TokenLabels.visible("  a b ")).isEqualTo("··a·b·");
    }

    @Property
    void labels_are_unique(@ForAll List<String> tokens) {
        List<String> labels = TokenLabels.labels(tokens);
        assertThat(new HashSet<>(labels)).hasSize(tokens.size());
    }

    @Property
    void no_visible_form_has_white_space_or_controls(@ForAll String token) {
        assertThat(TokenLabels.visible(token).codePoints())
                .isNotEmpty()
                .noneMatch(point -> Character.isWhitespace(point) || Character.isISOControl(point));
    }
}
