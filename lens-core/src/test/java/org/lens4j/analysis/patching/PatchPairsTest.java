package org.lens4j.analysis.patching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lens4j.Lens;
import org.lens4j.analysis.prompts.IndirectObjects;
import org.lens4j.analysis.prompts.PromptPair;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.error.ShapeException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Metric;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;

class PatchPairsTest {
    private static final String TEMPLATE = "When {A} and {B} went to the {P}, {S} gave a {O} to";

    private static HookedTransformer model;

    @BeforeAll
    static void load() {
        model = Lens.load("demo");
    }

    @AfterAll
    static void free() {
        model.close();
    }

    @Test
    void two_texts_are_fed_as_the_model_expects_them() {
        PatchPairs pairs = PatchPairs.of(model, "Mary gave a drink to", "John gave a drink to");
        assertThat(pairs.clean().ids(0))
                .isEqualTo(model.tokens("Mary gave a drink to").ids(0));
        assertThat(pairs.corrupted().ids(0))
                .isEqualTo(model.tokens("John gave a drink to").ids(0));
    }

    @Test
    void drawn_pairs_of_one_length_are_pairs_to_patch_and_others_are_refused() {
        PromptPairs drawn = IndirectObjects.standard().withTemplates(TEMPLATE).pairs(model, 4, 1);
        PatchPairs pairs = PatchPairs.of(drawn);
        assertThat(pairs.size()).isEqualTo(4);
        assertThat(pairs.clean().ids(3))
                .isEqualTo(drawn.pairs().get(3).cleanTokens().ids(0));
        PromptPairs mixed = IndirectObjects.standard().pairs(model, 20, 1);
        assertThatThrownBy(() -> PatchPairs.of(mixed))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("byLength()");
    }

    @Test
    void the_difference_of_drawn_pairs_is_that_of_each_pairs_own_answers() {
        PromptPairs drawn = IndirectObjects.standard().withTemplates(TEMPLATE).pairs(model, 4, 1);
        PatchResult result = ActivationPatch.of(model, PatchPairs.of(drawn), PatchMetric.logitDifference(drawn))
                .run(PatchSite.mlpOutAllPos());
        for (int i = 0; i < drawn.size(); i++) {
            PromptPair pair = drawn.pairs().get(i);
            Metric own = Metric.logitDifference(pair.answer(), pair.wrongAnswer());
            try (Run run = model.run(pair.cleanTokens(), RunOptions.defaults().withMetric(own))) {
                assertThat((double) result.scores().get(0).clean().get(i)).isCloseTo(run.metric(), within(1e-3));
            }
        }
    }
}
