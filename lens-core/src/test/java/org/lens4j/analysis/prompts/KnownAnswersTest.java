package org.lens4j.analysis.prompts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lens4j.CachedModels;
import org.lens4j.analysis.logits.Prediction;
import org.lens4j.model.HookedTransformer;

/** Answers of real models that TransformerLens's documents print. Run where the model is in the local cache. */
@Tag("weights")
class KnownAnswersTest {
    private static HookedTransformer cached(String name) {
        return CachedModels.ofTheUser().open(name);
    }

    private static void assertTop(TestedPrompt tested, int rank, String token, double logit, double percent) {
        Prediction found = tested.next().top().get(rank);
        assertThat(found.token()).isEqualTo(token);
        assertThat((double) found.logit()).isCloseTo(logit, Offset.offset(0.01));
        assertThat(100.0 * found.probability()).isCloseTo(percent, Offset.offset(0.05));
    }

    @Test
    void gpt2_gives_the_milk_to_mary() {
        try (HookedTransformer model = cached("gpt2")) {
            TestedPrompt tested = TestedPrompt.of(
                    model,
                    "After John and Mary went to the store, John gave a bottle of milk to",
                    List.of(" Mary"),
                    10);
            assertThat(tested.answers().get(0).tokens().get(0).rank()).isZero();
            assertTop(tested, 0, " Mary", 18.09, 70.07);
            assertTop(tested, 1, " the", 15.38, 4.67);
            assertTop(tested, 2, " John", 15.35, 4.54);
        }
    }

    @Test
    void tiny_stories_crosses_the_ground() {
        try (HookedTransformer model = cached("tiny-stories-1M")) {
            TestedPrompt tested = TestedPrompt.of(model, "Why did the elephant cross the", List.of(" road"), 10);
            assertThat(tested.answers().get(0).tokens().get(0).rank()).isEqualTo(2);
            assertTop(tested, 0, " ground", 14.51, 4.59);
            assertTop(tested, 2, " road", 14.24, 3.51);
        }
    }
}
