package org.lens4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.lens4j.train.english.SyntheticEnglish;

class TokenRowsTest {
    private static final int A = 256;
    private static final int B = 257;
    private static final int END = 258;

    private final Vocabulary vocabulary = Vocabulary.of(List.of(" a", " b"));

    @Test
    void every_document_starts_with_end_of_text_and_is_cut_where_the_row_ends() {
        TokenRows rows = rows(List.of(" a", " b b b b", " a a a", " b"), 4);
        assertThat(rows.next()).containsExactly(END, A, END, B);
        assertThat(rows.next()).containsExactly(END, A, A, A);
    }

    @Test
    void a_row_may_end_with_the_start_of_a_document() {
        assertThat(rows(List.of(" a", " b"), 3).next()).containsExactly(END, A, END);
    }

    @Test
    void an_unfilled_last_row_is_left_out() {
        TokenRows rows = rows(List.of(" a a", " b"), 3);
        assertThat(rows.next()).containsExactly(END, A, A);
        assertThat(rows.hasNext()).isFalse();
        assertThatExceptionOfType(NoSuchElementException.class)
                .isThrownBy(rows::next)
                .withMessage("The documents ended before a row of 3 tokens was full."
                        + " Give more documents or ask for shorter rows.");
    }

    @Test
    void a_batch_is_the_next_rows_in_order() {
        SyntheticEnglish english = SyntheticEnglish.standard();
        Vocabulary words = Vocabulary.of(english.pieces());
        TokenRows one = new TokenRows(words, english.training(5).iterator(), 48);
        TokenRows other = new TokenRows(words, english.training(5).iterator(), 48);
        int[][] batch = one.batch(16);
        assertThat(batch).hasDimensions(16, 48);
        for (int[] row : batch) {
            assertThat(row).isEqualTo(other.next()).startsWith(words.endOfText());
        }
    }

    @Test
    void a_row_too_short_to_predict_anything_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rows(List.of(" a"), 1))
                .withMessage("A row of 1 tokens has nothing to predict: its first token is always <|endoftext|>."
                        + " Use a length of 2 or more.");
    }

    private TokenRows rows(List<String> documents, int length) {
        return new TokenRows(vocabulary, documents.iterator(), length);
    }
}
