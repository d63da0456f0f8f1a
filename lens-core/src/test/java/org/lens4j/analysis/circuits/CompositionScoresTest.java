package org.lens4j.analysis.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lens4j.Lens;
import org.lens4j.RandomModel;
import org.lens4j.analysis.Grid;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Scope;

class CompositionScoresTest {
    @ParameterizedTest
    @EnumSource
    void a_score_is_zero_unless_the_writer_comes_first(CompositionScores.Through through) {
        try (HookedTransformer model = Lens.load("demo")) {
            Grid scores = CompositionScores.all(model, through);
            int nHeads = model.config().nHeads();
            for (int writer = 0; writer < scores.axis("writer").size(); writer++) {
                for (int reader = 0; reader < scores.axis("reader").size(); reader++) {
                    if (writer / nHeads < reader / nHeads) {
                        assertThat(scores.at(writer, reader)).isGreaterThan(0).isLessThanOrEqualTo(1);
                    } else {
                        assertThat(scores.at(writer, reader)).isZero();
                    }
                }
            }
            assertThat(scores.axis("reader").labels().get(nHeads)).isEqualTo("L1H0");
        }
    }

    /** The definition, through whole matrices; grouped heads have their shared keys and values. */
    @Test
    void a_score_is_the_norm_of_the_product_beside_the_product_of_norms() {
        RandomModel random = java.util.stream.LongStream.range(0, 1000)
                .mapToObj(RandomModel::of)
                .filter(it ->
                        it.config().nLayers() == 3 && it.config().attention().grouped())
                .findFirst()
                .orElseThrow();
        try (HookedTransformer model = random.open();
                Scope scope = Scope.root()) {
            int nHeads = model.config().nHeads();
            int writer = nHeads - 1;
            FactoredMatrix left = HeadMatrices.ov(model, 0, writer, scope);
            for (int head = 0; head < nHeads; head++) {
                FactoredMatrix qk = HeadMatrices.qk(model, 2, head, scope);
                FactoredMatrix ov = HeadMatrices.ov(model, 2, head, scope);
                assertScore(model, CompositionScores.Through.Q, writer, 2 * nHeads + head, left, qk);
                assertScore(model, CompositionScores.Through.K, writer, 2 * nHeads + head, left, qk.transpose());
                assertScore(model, CompositionScores.Through.V, writer, 2 * nHeads + head, left, ov);
            }
        }
    }

    @SuppressWarnings("TooManyParameters") // a pair and what it is computed of
    private static void assertScore(
            HookedTransformer model,
            CompositionScores.Through through,
            int writer,
            int reader,
            FactoredMatrix left,
            FactoredMatrix right) {
        float product = left.ab().matMul(right.ab()).norm().getFloat();
        float alone = left.ab().norm().getFloat() * right.ab().norm().getFloat();
        assertThat(CompositionScores.all(model, through).at(writer, reader)).isCloseTo(product / alone, within(1e-4f));
    }
}
