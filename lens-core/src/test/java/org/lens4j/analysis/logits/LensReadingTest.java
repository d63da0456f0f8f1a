package org.lens4j.analysis.logits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lens4j.Fixtures;
import org.lens4j.Lens;
import org.lens4j.analysis.Grid;
import org.lens4j.error.RangeException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;

class LensReadingTest {
    private static final Tokens TOKENS = Tokens.of(new long[] {5, 17, 2, 99, 41});
    private static final int VOCABULARY = 113;
    private static final Offset<Float> NEAR = Offset.offset(2e-4f);

    private static HookedTransformer model;
    private static LensReading seen;

    @BeforeAll
    static void read() {
        model = Lens.load(Fixtures.committed("gpt2").toAbsolutePath().toString());
        seen = LensReading.of(
                model,
                TOKENS,
                LensOptions.defaults()
                        .withMiddles()
                        .withTop(VOCABULARY)
                        .withTarget(7)
                        .withTarget(99));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** Every token's probability at one place. */
    private static double[] distribution(int component, int pos) {
        double[] probabilities = new double[VOCABULARY];
        seen.lens().top().get(component).get(pos).forEach(it -> probabilities[it.tokenId()] = it.probability());
        return probabilities;
    }

    private static int components() {
        return seen.lens().components().size();
    }

    @Test
    void middles_stand_between_the_blocks_as_transformer_lens_labels_them() {
        assertThat(seen.lens().components().labels())
                .startsWith("0_pre", "0_mid", "1_pre", "1_mid")
                .endsWith("final_post");
        assertThat(components()).isEqualTo(2 * model.config().nLayers() + 1);
    }

    @Test
    void entropy_divergence_and_surprise_are_those_of_the_distributions() {
        for (int component = 0; component < components(); component++) {
            for (int pos = 0; pos < TOKENS.pos(); pos++) {
                double[] here = distribution(component, pos);
                double[] end = distribution(components() - 1, pos);
                double entropy = 0;
                double kl = 0;
                for (int token = 0; token < VOCABULARY; token++) {
                    entropy -= here[token] * Math.log(here[token]);
                    kl += end[token] * Math.log(end[token] / here[token]);
                }
                assertThat(seen.entropy().at(component, pos)).isCloseTo((float) entropy, NEAR);
                assertThat(seen.kl().at(component, pos)).isCloseTo((float) kl, NEAR);
                if (pos + 1 < TOKENS.pos()) {
                    double next = here[Math.toIntExact(TOKENS.ids(0).get(pos + 1))];
                    assertThat(seen.loss().at(component, pos)).isCloseTo((float) -Math.log(next), NEAR);
                }
            }
        }
    }

    @Test
    void the_last_place_is_the_model_itself() {
        int last = components() - 1;
        float[] perToken = model.lossPerToken(TOKENS)[0];
        for (int pos = 0; pos < perToken.length; pos++) {
            assertThat(seen.kl().at(last, pos)).isEqualTo(0f);
            assertThat(seen.loss().at(last, pos)).isCloseTo(perToken[pos], NEAR);
        }
        assertThat(seen.loss().at(last, TOKENS.pos() - 1)).isNaN();
    }

    @Test
    void rank_and_probability_of_a_target_are_its_place_among_all() {
        for (int target : new int[] {0, 1}) {
            int id = List.of(7, 99).get(target);
            for (int component = 0; component < components(); component++) {
                Prediction found = seen.lens().top().get(component).get(3).stream()
                        .filter(it -> it.tokenId() == id)
                        .findFirst()
                        .orElseThrow();
                assertThat(seen.rank().at(target, component, 3)).isEqualTo((float) found.rank());
                assertThat(seen.targetProbability().at(target, component, 3)).isCloseTo(found.probability(), NEAR);
            }
        }
        assertThat(seen.rank().shape()).isEqualTo("[target=2 component=%d pos=5]".formatted(components()));
    }

    @Test
    void without_middles_it_is_the_logit_lens() {
        LensReading plain = LensReading.of(model, TOKENS, LensOptions.defaults());
        assertThat(plain.lens().top())
                .isEqualTo(LogitLens.of(model, TOKENS, LogitLens.DEFAULT_TOP).top());
        assertThat(plain.rank().shape()).startsWith("[target=0 ");
    }

    @Test
    void the_first_sequence_is_read() {
        LensOptions options = LensOptions.defaults().withTarget(7);
        LensReading alone = LensReading.of(model, TOKENS, options);
        LensReading first =
                LensReading.of(model, Tokens.of(new long[] {5, 17, 2, 99, 41}, new long[] {8, 30, 1, 60, 3}), options);
        assertThat(first.lens().top()).isEqualTo(alone.lens().top());
        assertThat(first.loss().values()).isEqualTo(alone.loss().values());
        assertThat(first.rank().values()).isEqualTo(alone.rank().values());
    }

    @Test
    void one_token_has_no_next_one_to_be_surprised_at() {
        Grid loss = LensReading.of(model, Tokens.of(new long[] {5}), LensOptions.defaults())
                .loss();
        assertThat(loss.at(0, 0)).isNaN();
    }

    @Test
    void blocks_without_a_middle_are_read_before_alone() {
        try (HookedTransformer parallel =
                Lens.load(Fixtures.committed("gpt_neox").toAbsolutePath().toString())) {
            LensReading plain =
                    LensReading.of(parallel, TOKENS, LensOptions.defaults().withMiddles());
            assertThat(plain.lens().components().labels()).allMatch(it -> !it.endsWith("_mid"));
        }
    }

    @Test
    void a_target_outside_the_vocabulary_is_refused() {
        LensOptions outside = LensOptions.defaults().withTarget(VOCABULARY);
        assertThatThrownBy(() -> LensReading.of(model, TOKENS, outside))
                .isInstanceOf(RangeException.class)
                .hasMessage("Token 113 is to be followed, and gpt2 says tokens 0 to 112. Is it another model's token?");
    }
}
