package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MagicLineTest {
    @Test
    void blanks_separate() {
        assertThat(MagicLine.split("  a \t b  ")).containsExactly("a", "b");
        assertThat(MagicLine.split("   ")).isEmpty();
    }

    @Test
    void both_quotes_group_also_inside_a_word() {
        assertThat(MagicLine.split("-p \"a b\" 'c d' key=\"e f\" key='g h'"))
                .containsExactly("-p", "a b", "c d", "key=e f", "key=g h");
    }

    @Test
    void empty_quotes_are_an_empty_argument() {
        assertThat(MagicLine.split("a \"\" b")).containsExactly("a", "", "b");
    }

    @Test
    void a_backslash_is_an_ordinary_character() {
        assertThat(MagicLine.split("C:\\models\\ \"a\\\" b")).containsExactly("C:\\models\\", "a\\", "b");
    }

    @Test
    void an_apostrophe_and_an_unclosed_quote_are_ordinary_characters() {
        assertThat(MagicLine.split("I don't and can't say \"no"))
                .containsExactly("I", "don't", "and", "can't", "say", "\"no");
    }
}
