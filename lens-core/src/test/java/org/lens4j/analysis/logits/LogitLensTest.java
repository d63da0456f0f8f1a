package org.lens4j.analysis.logits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lens4j.Fixtures;
import org.lens4j.Lens;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.attention.AttentionPatterns;
import org.lens4j.error.RangeException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;

class LogitLensTest {
    private static final Tokens TOKENS = Tokens.of(new long[] {5, 17, 2, 99, 41});
    private static final int VOCABULARY = 113;

    private static HookedTransformer model;

    @BeforeAll
    static void load() {
        model = Lens.load(Fixtures.committed("gpt_neo").toAbsolutePath().toString());
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void its_last_row_is_what_the_model_says() {
        LogitLens lens = LogitLens.of(model, TOKENS, 4);
        NextTokens next = NextTokens.of(model, TOKENS, 4);
        assertThat(lens.components().labels()).containsExactly("0_pre", "1_pre", "2_pre", "3_pre", "final_post");
        assertThat(lens.top().get(4).get(4)).isEqualTo(next.top());
    }

    @Test
    void probabilities_of_the_whole_vocabulary_sum_to_1_and_fall() {
        NextTokens next = NextTokens.of(model, TOKENS, VOCABULARY);
        double sum = 0;
        float before = Float.POSITIVE_INFINITY;
        for (Prediction each : next.top()) {
            sum += each.probability();
            assertThat(each.probability()).isLessThanOrEqualTo(before);
            before = each.probability();
        }
        assertThat(sum).isCloseTo(1, Offset.offset(1e-4));
        assertThat(next.top().stream().map(Prediction::tokenId).distinct()).hasSize(VOCABULARY);
    }

    @Test
    void the_grid_holds_the_probability_of_the_likeliest() {
        LogitLens lens = LogitLens.of(model, TOKENS, 2);
        assertThat(lens.probability().shape()).isEqualTo("[component=5 pos=5]");
        assertThat(lens.probability().at(2, 3))
                .isEqualTo(lens.top().get(2).get(3).get(0).probability());
    }

    @Test
    void a_count_outside_the_vocabulary_is_refused() {
        for (int count : new int[] {0, -1, VOCABULARY + 1}) {
            assertThatThrownBy(() -> NextTokens.of(model, TOKENS, count))
                    .isInstanceOf(RangeException.class)
                    .hasMessageContaining(
                            count + " tokens were asked for, and the vocabulary of gpt_neo has 113. Ask for 1 to 113.");
        }
    }

    @Test
    void the_vocabulary_is_of_the_tokens_a_model_says_and_not_of_those_it_reads() {
        try (HookedTransformer other = Lens.load(
                Fixtures.committed("custom_relu_dvocabout").toAbsolutePath().toString())) {
            int said = other.config().dVocabOut();
            assertThat(said).isLessThan(other.config().dVocab());
            assertThat(NextTokens.of(other, Tokens.of(new long[] {5, 17, 2}), said)
                            .top())
                    .hasSize(said);
            assertThatThrownBy(() -> NextTokens.of(other, Tokens.of(new long[] {5, 17, 2}), said + 1))
                    .isInstanceOf(RangeException.class)
                    .hasMessageEndingWith("Ask for 1 to %d.", said);
        }
    }

    @Test
    void attention_rows_sum_to_1_and_show_nothing_after_the_query() {
        Grid pattern = AttentionPatterns.of(model, TOKENS, 1);
        assertThat(pattern.shape()).isEqualTo("[head=4 query_pos=5 key_pos=5]");
        for (int head = 0; head < 4; head++) {
            for (int query = 0; query < 5; query++) {
                float sum = 0;
                for (int key = 0; key < 5; key++) {
                    float p = pattern.at(head, query, key);
                    assertThat(Float.isNaN(p)).isEqualTo(key > query);
                    sum += key > query ? 0 : p;
                }
                assertThat(sum).isCloseTo(1f, Offset.offset(1e-5f));
            }
        }
    }

    @Test
    void a_local_layer_does_not_look_beyond_its_window() {
        Grid pattern = AttentionPatterns.of(model, TOKENS, 1);
        assertThat(pattern.at(0, 4, 0)).isEqualTo(0f);
        assertThat(pattern.at(0, 4, 1)).isGreaterThan(0f);
        assertThat(AttentionPatterns.of(model, TOKENS, 0).at(0, 4, 0)).isGreaterThan(0f);
    }

    @Test
    void a_layer_the_model_lacks_is_refused() {
        assertThatThrownBy(() -> AttentionPatterns.of(model, TOKENS, 4))
                .isInstanceOf(RangeException.class)
                .hasMessage("gpt_neo has no layer 4: it has 4, numbered 0 to 3. Ask for one of those.");
    }
}
