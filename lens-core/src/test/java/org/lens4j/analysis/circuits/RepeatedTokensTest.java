package org.lens4j.analysis.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.lens4j.Lens;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.RangeException;
import org.lens4j.family.ConfigJson;
import org.lens4j.family.Families;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;

class RepeatedTokensTest {
    private static final ModelConfig CONFIG = Families.config(ConfigJson.parse("x", """
            {"architectures": ["GPT2LMHeadModel"], "n_embd": 8, "n_layer": 1, "n_head": 2,
             "vocab_size": 90, "n_positions": 50, "bos_token_id": 89}"""));

    @Test
    void every_row_ends_in_a_block_of_its_own_length_that_stands_there_twice() {
        Set<Integer> periods = new HashSet<>();
        Tokens tokens = RepeatedTokens.random(CONFIG, 20, 40, 1);
        for (int row = 0; row < 20; row++) {
            List<Long> ids = tokens.ids(row);
            int period = 39 - ids.subList(0, 39).lastIndexOf(ids.get(39));
            periods.add(period);
            assertThat(ids.subList(40 - period, 40)).isEqualTo(ids.subList(40 - 2 * period, 40 - period));
            assertThat(ids.subList(0, 40 - period)).doesNotHaveDuplicates();
            assertThat(ids.get(0)).isEqualTo(89);
            assertThat(ids.subList(1, 40)).doesNotContain(89L);
        }
        assertThat(periods).hasSizeGreaterThan(5);
    }

    @Test
    void the_same_seed_gives_the_same_tokens() {
        assertThat(RepeatedTokens.random(CONFIG, 3, 40, 1))
                .isEqualTo(RepeatedTokens.random(CONFIG, 3, 40, 1))
                .isNotEqualTo(RepeatedTokens.random(CONFIG, 3, 40, 2));
    }

    @Test
    void rows_are_of_fifty_tokens_unless_the_model_reads_fewer() {
        int room = Math.min(CONFIG.nCtx(), CONFIG.dVocab());
        assertThat(RepeatedTokens.random(CONFIG, 3, 1))
                .isEqualTo(RepeatedTokens.random(CONFIG, 3, Math.min(50, room), 1));
    }

    @Test
    void the_shortest_rows_are_possible() {
        Tokens tokens = RepeatedTokens.random(CONFIG, 50, 8, 1);
        IntStream.range(0, 50)
                .forEach(row -> assertThat(new HashSet<>(tokens.ids(row))).hasSizeBetween(5, 6));
    }

    @Test
    void rows_longer_than_the_context_are_refused_with_the_range() {
        assertThatThrownBy(() -> RepeatedTokens.random(CONFIG, 1, 51, 1))
                .isInstanceOf(RangeException.class)
                .hasMessage(
                        "Rows of 51 repeated tokens were asked for; this model takes 8 to 50 (n_ctx 50, d_vocab 90).");
    }

    @Test
    void words_are_whole_and_an_induction_head_knows_where_they_were() {
        try (HookedTransformer model = Lens.load("demo")) {
            Tokens tokens = RepeatedTokens.words(model, 8, 32, 1);
            for (int row = 0; row < 8; row++) {
                assertThat(tokens.strings(row).subList(1, 32)).allMatch(it -> it.matches(" [A-Za-z]+"));
            }
            assertThat(HeadScores.induction(model, tokens).at(1, 0)).isGreaterThan(0.9f);
        }
    }
}
