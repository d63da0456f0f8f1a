package org.lens4j.analysis.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.lens4j.Fixtures;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HeadScoresTest {
    private final HookedTransformer model = Fixtures.raw(Fixtures.model("gpt2"));
    /** The token 5 stands at 1 and 4, the token 7 at 2, 5 and 6. */
    private final Tokens tokens = Tokens.of(new long[] {9, 5, 7, 3, 5, 7, 7});

    @AfterAll
    void close() {
        model.close();
    }

    @Test
    void the_previous_token_score_is_the_mean_below_the_diagonal() {
        assertScores(
                HeadScores.previousToken(model, tokens),
                new int[][] {{1, 0}, {2, 1}, {3, 2}, {4, 3}, {5, 4}, {6, 5}},
                6);
    }

    @Test
    void the_duplicate_token_score_is_the_mean_attention_to_earlier_copies() {
        assertScores(HeadScores.duplicateToken(model, tokens), new int[][] {{4, 1}, {5, 2}, {6, 2}, {6, 5}}, 3);
    }

    @Test
    void the_induction_score_is_the_mean_attention_to_what_followed_earlier_copies() {
        assertScores(HeadScores.induction(model, tokens), new int[][] {{4, 2}, {5, 3}, {6, 3}, {6, 6}}, 3);
    }

    @Test
    void the_score_of_several_rows_is_the_mean_of_their_scores() {
        Tokens other = Tokens.of(new long[] {9, 2, 2, 3, 4, 3, 4});
        Tokens both = Tokens.of(new long[] {9, 5, 7, 3, 5, 7, 7}, new long[] {9, 2, 2, 3, 4, 3, 4});
        float mean = (HeadScores.induction(model, tokens).at(1, 1)
                        + HeadScores.induction(model, other).at(1, 1))
                / 2;
        assertThat(HeadScores.induction(model, both).at(1, 1)).isCloseTo(mean, within(1e-5f));
    }

    @Test
    void the_best_head_of_each_kind_is_named() {
        Axis layers = Axis.counted("layer", 2);
        Axis heads = Axis.counted("head", 2);
        Grid one = new Grid("Scores", "score", List.of(layers, heads), new float[] {0.1f, 0.2f, 0.75f, 0.3f});
        assertThat(HeadScores.best(one, "induction")).containsExactly("Most induction: L1H0, 0.750.");
        Grid two = new Grid(
                "Scores",
                "score",
                List.of(new Axis("kind", List.of("previous", "duplicate")), layers, heads),
                new float[] {0.1f, 0.2f, 0.75f, 0.3f, 0, 0.5f, 0, 0});
        assertThat(HeadScores.best(two, "scores"))
                .containsExactly("Most previous: L1H0, 0.750.", "Most duplicate: L0H1, 0.500.");
    }

    @Test
    void a_text_without_repetition_cannot_be_scored() {
        assertThatThrownBy(() -> HeadScores.induction(model, Tokens.of(new long[] {1, 2, 3})))
                .isInstanceOf(UsageException.class)
                .hasMessage("No token of this text has a position to which induction heads attend. Give a text in which"
                        + " tokens come twice: RepeatedTokens.random(config, rows, length, seed).");
    }

    private void assertScores(Grid scores, int[][] cells, int queries) {
        try (ActivationCache cache = model.cache(tokens, "blocks.*.attn.hook_pattern")) {
            for (int layer = 0; layer < model.config().nLayers(); layer++) {
                NDArray pattern = cache.get("blocks." + layer + ".attn.hook_pattern");
                for (int head = 0; head < model.config().nHeads(); head++) {
                    float sum = 0;
                    for (int[] cell : cells) {
                        sum += pattern.getFloat(0, head, cell[0], cell[1]);
                    }
                    assertThat(scores.at(layer, head)).isCloseTo(sum / queries, within(1e-5f));
                }
            }
        }
        assertThat(scores.axis("layer").size()).isEqualTo(model.config().nLayers());
    }
}
