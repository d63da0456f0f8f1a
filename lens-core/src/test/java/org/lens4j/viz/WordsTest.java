package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.viz.TextTable.Side;

/** Numbers, labels and aligned text. */
class WordsTest {
    @ParameterizedTest
    @CsvSource({
        "0.83214, 0.8321",
        "-12.3456, -12.35",
        "0.1, 0.1000",
        "4, 4",
        "-0.0, 0",
        "1234.56, 1235",
        "123456.7, 123500",
        "0.00001, 1.000e-05",
        "1e8, 1.000e+08",
        "NaN, ''",
        "-Infinity, -inf"
    })
    void numbers_have_four_significant_digits(double value, String text) {
        assertThat(Numerals.significant(value)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"3.2, 3.2, 3.20", "-0.001, 3.2, 0.00", "0.5, 0.02, 0.5000", "250, 300, 250", "0.00001, 0, 1.00e-05"})
    void numbers_of_one_picture_end_at_the_same_digit(double value, double largest, String text) {
        assertThat(Numerals.aligned(value, largest)).isEqualTo(text);
    }

    @Test
    void a_tiny_probability_is_not_called_zero() {
        assertThat(Numerals.fine(2e-5f)).isEqualTo("<0.0001");
        assertThat(Numerals.fine(0)).isEqualTo("0.0000");
    }

    @Test
    void a_long_label_loses_its_middle() {
        assertThat(TokenText.shortened("3·internationalization")).isEqualTo("3·interna…tion");
        assertThat(TokenText.shortened("3·Mary")).isEqualTo("3·Mary");
    }

    @Property
    void a_shortened_label_is_never_too_long(@ForAll String label, @ForAll @IntRange(min = 1, max = 30) int longest) {
        String shown = TokenText.shortened(label, longest);
        assertThat(shown.codePointCount(0, shown.length())).isLessThanOrEqualTo(longest);
    }

    @Test
    void html_is_escaped() {
        assertThat(TokenText.html("<|end|> \"a\" & 'b'\n"))
                .isEqualTo("&lt;|end|&gt; &quot;a&quot; &amp; &#39;b&#39;&#10;");
    }

    @Test
    void columns_are_aligned_also_beside_wide_characters() {
        String text = new TextTable(List.of(Side.LEFT, Side.RIGHT))
                .row("中文", "1")
                .row("abc", "12")
                .text();
        assertThat(text).isEqualTo("中文   1\nabc   12");
    }
}
