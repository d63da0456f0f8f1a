package org.lens4j.analysis.patching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lens4j.Lens;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.logits.LensOptions;
import org.lens4j.analysis.logits.LensReading;
import org.lens4j.analysis.prompts.IndirectObjects;
import org.lens4j.analysis.prompts.PromptPair;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Metric;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.Tokens;

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
            Metric own = Metric.logitDifference(
                    pair.answer().id(), pair.wrongAnswer().id());
            try (Run run = model.run(pair.cleanTokens(), RunOptions.defaults().withMetric(own))) {
                assertThat((double) result.scores().get(0).clean().get(i)).isCloseTo(run.metric(), within(1e-3));
            }
        }
    }

    @Test
    void the_loss_of_a_repetition_is_that_of_tokens_which_follow_as_before() {
        Tokens tokens = model.tokens(" Mary park dog ring park dog");
        PatchResult result = Ablation.zero(model, tokens, PatchMetric.loss(), PatchMetric.repeatedLoss())
                .run(PatchSite.headOut());
        float[] each = LensReading.of(model, tokens, LensOptions.defaults())
                .loss()
                .slice("component", model.config().nLayers())
                .values();
        // Of all tokens only the last follows as before: " park" comes behind " ring" now.
        assertThat(result.scores("repeated loss").cleanMean()).isCloseTo(each[5], within(1e-4f));
        assertThat(result.scores("loss").cleanMean()).isGreaterThan(1);
        assertThatThrownBy(() -> Ablation.zero(model, model.tokens(" Mary park dog"), PatchMetric.repeatedLoss())
                        .run(PatchSite.headOut()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("No two tokens of \"<|endoftext|> Mary park dog\"")
                .hasMessageContaining("RepeatedTokens.random");
    }

    @Test
    void padding_has_no_part_in_a_loss_and_is_no_repetition() {
        long[] longer = ids(" Mary park dog ring park dog ring park dog");
        long[] shorter = ids(" Mary park Mary park");
        Tokens padded = Tokens.padded(PaddingSide.RIGHT, 0, longer, shorter);
        PatchResult both = losses(padded);
        PatchResult alone = losses(Tokens.of(shorter));
        for (String metric : List.of("loss", "repeated loss")) {
            assertThat(both.scores(metric).clean().get(1))
                    .as(metric)
                    .isCloseTo(alone.scores(metric).clean().get(0), within(1e-4f));
        }
    }

    private static long[] ids(String text) {
        return model.tokens(text).ids(0).stream().mapToLong(it -> it).toArray();
    }

    private static PatchResult losses(Tokens tokens) {
        return Ablation.zero(model, tokens, PatchMetric.loss(), PatchMetric.repeatedLoss())
                .run(PatchSite.headOut());
    }

    @Test
    void the_mean_over_pairs_stands_between_the_ends_of_its_interval() {
        PromptPairs drawn = IndirectObjects.standard().withTemplates(TEMPLATE).pairs(model, 6, 1);
        PatchResult found = ActivationPatch.of(model, PatchPairs.of(drawn), PatchMetric.logitDifference(drawn))
                .run(PatchSite.headOut());
        Grid ends = found.interval(0.95).grid();
        assertThat(ends.axis("end").labels()).containsExactly("low", "mean", "high");
        assertThat(ends.at(1, 1, 1)).isBetween(ends.at(0, 1, 1), ends.at(2, 1, 1));
        assertThat(ends.at(0, 1, 1)).isLessThan(ends.at(2, 1, 1));
        assertThat(ends.title()).contains("95 % interval over prompts");
        assertThat(found.interval(0.95).shown().shape()).isEqualTo("[end=3 layer head=6]");
        assertThat(found.interval(0.95).shown().values()).isEqualTo(ends.values());
    }

    /** A draw of two is one of them twice, a quarter of all draws each, or both. */
    @Test
    void an_interval_of_two_pairs_spans_both_and_a_narrow_one_neither() {
        PromptPairs drawn = IndirectObjects.standard().withTemplates(TEMPLATE).pairs(model, 2, 1);
        PatchResult found = ActivationPatch.of(model, PatchPairs.of(drawn), PatchMetric.logitDifference(drawn))
                .run(PatchSite.headOut());
        Grid each = found.scores().get(0).perPrompt();
        Interval wide = found.interval(0.95);
        // A fifth of all draws lies below its low end: less than the quarter that is the lesser pair twice.
        Interval middling = found.interval(0.6);
        Interval narrow = found.interval(0.4);
        for (int i = 0; i < 6; i++) {
            float first = each.values()[i];
            float second = each.values()[6 + i];
            assertThat(wide.low().values()[i]).isCloseTo(Math.min(first, second), within(1e-5f));
            assertThat(wide.high().values()[i]).isCloseTo(Math.max(first, second), within(1e-5f));
            assertThat(middling.low().values()[i]).isCloseTo(Math.min(first, second), within(1e-5f));
            assertThat(middling.high().values()[i]).isCloseTo(Math.max(first, second), within(1e-5f));
            assertThat(narrow.low().values()[i]).isCloseTo((first + second) / 2, within(1e-5f));
            assertThat(narrow.high().values()[i]).isCloseTo((first + second) / 2, within(1e-5f));
        }
    }
}
