package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.error.UnknownNameException;

class WordTest {
    private final QuietHost host = new QuietHost();

    @BeforeEach
    void declare() {
        host.set("layer", 3);
        host.set("head", "7");
        host.set("many", 5L);
        host.set("rate", 0.5);
        host.set("list", List.of(1, 2));
    }

    private Word word(String written) {
        return Word.of(written, host);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plain | plain | \"plain\"",
                "$layer | 3 | String.valueOf(layer)",
                "$head | 7 | head",
                "blocks.$layer.hook_z | blocks.3.hook_z | \"blocks.\" + layer + \".hook_z\"",
                "$layer.$head | 3.7 | \"\" + layer + \".\" + head",
                "$head$layer | 73 | head + layer",
                "costs $5 or $$5 | costs $5 or $5 | \"costs $5 or $5\"",
                "$$layer | $layer | \"$layer\"",
                "a \"quoted\" one | a \"quoted\" one | \"a \\\"quoted\\\" one\""
            })
    void variables_stand_for_their_values_and_in_java_by_name(String written, String text, String java) {
        assertThat(word(written).text()).isEqualTo(text);
        assertThat(word(written).java()).isEqualTo(java);
    }

    @Test
    void a_number_is_the_variable_itself_where_its_type_allows() {
        assertThat(word("12").javaInteger()).isEqualTo("12");
        assertThat(word("$layer").javaInteger()).isEqualTo("layer");
        assertThat(word("$head").javaInteger()).isEqualTo("Integer.parseInt(head)");
        assertThat(word("1$layer").javaInteger()).isEqualTo("Integer.parseInt(\"1\" + layer)");
        assertThat(word("12").javaLong()).isEqualTo("12L");
        assertThat(word("$layer").javaLong()).isEqualTo("layer");
        assertThat(word("$many").javaLong()).isEqualTo("many");
        assertThat(word("$head").javaLong()).isEqualTo("Long.parseLong(head)");
        assertThat(word("1.5").javaDouble()).isEqualTo("1.5");
        assertThat(word("$rate").javaDouble()).isEqualTo("rate");
        assertThat(word("$head").javaDouble()).isEqualTo("Double.parseDouble(head)");
    }

    @Test
    void a_word_is_split_where_the_separator_was_written_only() {
        host.set("version", "1.5");
        assertThat(word("$version.2.x").split('.')).extracting(Word::text).containsExactly("1.5", "2", "x");
        assertThat(word("a..b").split('.')).extracting(Word::text).containsExactly("a", "", "b");
        assertThat(word("").split('.')).extracting(Word::text).containsExactly("");
        assertThat(word("$layer.$head").split('.'))
                .extracting(Word::java)
                .containsExactly("String.valueOf(layer)", "head");
    }

    @Test
    void a_word_that_is_one_variable_gives_its_value() {
        assertThat(word("$list").as(List.class)).contains(List.of(1, 2));
        assertThat(word("$list").as(String.class)).isEmpty();
        assertThat(word("x$list").as(List.class)).isEmpty();
        assertThat(word("list").variable()).isEmpty();
    }

    @Test
    void the_variables_of_a_line_are_found() {
        assertThat(Word.variables("$a.$b -p \"$a costs $5 or $$c\"")).containsExactly("a", "b");
        assertThat(Word.variables("none")).isEmpty();
    }

    @Test
    void a_variable_that_is_not_there_names_the_closest() {
        assertThatThrownBy(() -> word("$layr"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessage(
                        "Unknown variable \"$layr\" in this notebook. Closest of 5: $layer, $many, $list. It is not declared, or null. A dollar sign itself is written $$.");
    }
}
