package org.lens4j.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.lens4j.error.UsageException;

class SamplerTest {
    /** Probabilities 0.5, 0.25, 0.125, 0.125 at temperature 1. */
    private static final float[] LOGITS = {
        (float) Math.log(0.125), (float) Math.log(0.5), (float) Math.log(0.125), (float) Math.log(0.25)
    };

    private static final int DRAWS = 20_000;

    private static double[] frequencies(Sampler sampler, List<Long> seen) {
        SplittableRandom random = sampler.random(0);
        double[] counts = new double[LOGITS.length];
        for (int i = 0; i < DRAWS; i++) {
            counts[sampler.next(LOGITS, seen, random)] += 1.0 / DRAWS;
        }
        return counts;
    }

    private static void assertFrequencies(Sampler sampler, List<Long> seen, double... expected) {
        double[] found = frequencies(sampler, seen);
        for (int token = 0; token < expected.length; token++) {
            assertThat(found[token]).as("token " + token).isCloseTo(expected[token], Offset.offset(0.015));
        }
    }

    private static Set<Integer> drawn(Sampler sampler) {
        Set<Integer> drawn = new TreeSet<>();
        SplittableRandom random = sampler.random(0);
        for (int i = 0; i < 2_000; i++) {
            drawn.add(sampler.next(LOGITS, List.of(), random));
        }
        return drawn;
    }

    @Test
    void draws_follow_the_softmax_of_logits_over_temperature() {
        assertFrequencies(Sampler.temperature(1), List.of(), 0.125, 0.5, 0.125, 0.25);
        // Halving the temperature squares the probabilities.
        double sum = 0.25 + 0.0625 + 2 * 0.015625;
        assertFrequencies(
                Sampler.temperature(0.5), List.of(), 0.015625 / sum, 0.25 / sum, 0.015625 / sum, 0.0625 / sum);
    }

    @Test
    void top_k_leaves_the_likeliest_and_ties_go_to_the_smaller_id() {
        assertThat(drawn(Sampler.temperature(1).withTopK(1))).containsExactly(1);
        assertThat(drawn(Sampler.temperature(1).withTopK(3))).containsExactly(0, 1, 3);
        assertThat(drawn(Sampler.temperature(1).withTopK(99))).hasSize(4);
    }

    @Test
    void top_p_leaves_the_fewest_that_reach_it() {
        assertThat(drawn(Sampler.temperature(1).withTopP(0.3))).containsExactly(1);
        assertThat(drawn(Sampler.temperature(1).withTopP(0.7))).containsExactly(1, 3);
        assertThat(drawn(Sampler.temperature(1).withTopP(0.8))).containsExactly(0, 1, 3);
        assertThat(drawn(Sampler.temperature(1).withTopP(1))).hasSize(4);
    }

    @Test
    void top_p_counts_within_what_top_k_left() {
        // Of 0.5 and 0.25 the first has two thirds.
        assertThat(drawn(Sampler.temperature(1).withTopK(2).withTopP(0.6))).containsExactly(1);
        assertThat(drawn(Sampler.temperature(1).withTopP(0.6))).containsExactly(1, 3);
    }

    @Test
    void a_frequency_penalty_is_taken_for_each_time_a_token_occurred() {
        Penalties penalties = new Penalties(Math.log(2), 1);
        // 0.5 halved twice is 0.125, 0.25 halved once as well: all alike.
        Sampler sampler = Sampler.temperature(1).withPenalties(penalties);
        assertFrequencies(sampler, List.of(1L, 3L, 1L), 0.25, 0.25, 0.25, 0.25);
        assertThat(Sampler.greedy().withPenalties(penalties).next(LOGITS, List.of(1L, 1L), new SplittableRandom()))
                .isEqualTo(3);
    }

    @Test
    void a_repetition_penalty_weakens_a_logit_once() {
        Sampler.Greedy sampler = Sampler.greedy().withPenalties(new Penalties(0, 1.5));
        float[] logits = {-1, 3, 2.5f, -1.2f};
        assertThat(sampler.next(logits, List.of(1L, 1L, 1L), new SplittableRandom()))
                .as("3 / 1.5 = 2 is less than 2.5")
                .isEqualTo(2);
        float[] negative = {-1, -2, -1.4f, -9};
        assertThat(sampler.next(negative, List.of(0L), new SplittableRandom()))
                .as("-1 x 1.5 is less than -1.4")
                .isEqualTo(2);
    }

    @Test
    void tokens_of_another_vocabulary_are_not_penalised() {
        assertThat(Sampler.greedy()
                        .withPenalties(new Penalties(9, 1))
                        .next(LOGITS, List.of(77L), new SplittableRandom()))
                .isEqualTo(1);
    }

    @Test
    void the_same_seed_draws_the_same_and_rows_draw_differently() {
        Sampler sampler = Sampler.temperature(1).withSeed(5);
        assertThat(draws(sampler, 3)).isEqualTo(draws(sampler, 3)).isNotEqualTo(draws(sampler, 4));
        assertThat(draws(sampler, 0)).isNotEqualTo(draws(Sampler.temperature(1).withSeed(6), 0));
    }

    private static List<Integer> draws(Sampler sampler, int row) {
        SplittableRandom random = sampler.random(row);
        return java.util.stream.IntStream.range(0, 50)
                .mapToObj(i -> sampler.next(LOGITS, List.of(), random))
                .toList();
    }

    @Test
    void settings_without_meaning_are_refused() {
        assertThatThrownBy(() -> Sampler.temperature(0))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "A temperature of 0.0 was asked for, and it must be greater than 0. Use Sampler.greedy() for the likeliest token.");
        assertThatThrownBy(() -> Sampler.temperature(1).withTopK(0))
                .hasMessage("Top-k of 0 leaves no token to draw. Use 1 or more, or leave it out for all.");
        assertThatThrownBy(() -> Sampler.temperature(1).withTopP(1.5))
                .hasMessage("Top-p of 1.5 is no probability to reach. Use a number above 0 and at most 1.");
        assertThatThrownBy(() -> new Penalties(0, 0))
                .hasMessageStartingWith("A repetition penalty of 0.0 was asked for, and it must be greater than 0.");
        assertThatThrownBy(() -> new Penalties(Double.NaN, 1))
                .hasMessageStartingWith("A frequency penalty of NaN is no number to take from a logit.");
        assertThatThrownBy(() -> GenerateOptions.of(0)).hasMessage("0 new tokens were asked for. Ask for 1 or more.");
        assertThatThrownBy(() -> GenerateOptions.of(1).withStop(""))
                .hasMessage("A stop string is empty, and every text begins with that. Leave it out.");
    }
}
