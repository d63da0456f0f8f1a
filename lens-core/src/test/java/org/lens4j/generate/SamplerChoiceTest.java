package org.lens4j.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.lens4j.error.UsageException;

/** What is said of a sampler and of a steering in words. */
class SamplerChoiceTest {
    private static SamplerChoice choice(Optional<Double> temperature, Optional<Integer> topK, Optional<Long> seed) {
        return new SamplerChoice(temperature, topK, Optional.empty(), seed, new Penalties(0.5, 1));
    }

    @Test
    void nothing_said_or_a_temperature_of_nothing_is_the_likeliest_token() {
        assertThat(SamplerChoice.none().sampler()).isEqualTo(Sampler.greedy());
        assertThat(choice(Optional.of(0.0), Optional.empty(), Optional.empty()).sampler())
                .isEqualTo(Sampler.greedy().withPenalties(new Penalties(0.5, 1)));
    }

    @Test
    void anything_a_draw_needs_makes_it_one() {
        assertThat(choice(Optional.empty(), Optional.of(3), Optional.empty()).sampler())
                .isEqualTo(Sampler.temperature(1).withTopK(3).withPenalties(new Penalties(0.5, 1)));
        assertThat(choice(Optional.of(0.7), Optional.empty(), Optional.of(9L)).sampler())
                .isEqualTo(Sampler.temperature(0.7).withSeed(9).withPenalties(new Penalties(0.5, 1)));
        assertThatThrownBy(() -> choice(Optional.of(0.0), Optional.of(3), Optional.empty())
                        .sampler())
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("have no use");
    }

    @Test
    void a_steering_is_written_as_point_strength_and_two_texts() {
        assertThat(SteeringText.parse("blocks.1.hook_resid_pre: 2.5:I am: happy| I am sad"))
                .isEqualTo(new SteeringText("blocks.1.hook_resid_pre", 2.5, "I am: happy", " I am sad"));
        for (String wrong : new String[] {"", "a:b", "a:x:b|c", "a:1:b"}) {
            assertThatThrownBy(() -> SteeringText.parse(wrong))
                    .as(wrong)
                    .isInstanceOf(UsageException.class)
                    .hasMessageStartingWith("--steer \"" + wrong + "\" is not understood.");
        }
    }
}
