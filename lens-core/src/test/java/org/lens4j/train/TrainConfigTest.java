package org.lens4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TrainConfigTest {
    private static final TrainConfig CONFIG = new TrainConfig(110, 4, 16, 2e-3, 10, 0.1, 0.9, 0.98, 0.01, 1, 1);

    @Test
    void the_learning_rate_rises_along_a_line_and_falls_along_half_a_cosine() {
        assertThat(CONFIG.learningRate(0)).isCloseTo(2e-4, within(1e-12));
        assertThat(CONFIG.learningRate(9)).isCloseTo(2e-3, within(1e-12));
        assertThat(CONFIG.learningRate(59)).isCloseTo(2e-3 * (0.1 + 0.9 / 2), within(1e-12));
        assertThat(CONFIG.learningRate(109)).isCloseTo(2e-4, within(1e-12));
        for (int step = 10; step < 109; step++) {
            assertThat(CONFIG.learningRate(step + 1)).isLessThan(CONFIG.learningRate(step));
        }
    }

    @Test
    void a_shorter_training_has_a_shorter_warmup() {
        assertThat(CONFIG.withSteps(8).warmup()).isEqualTo(4);
        assertThat(CONFIG.withSteps(8).learningRate(3)).isEqualTo(2e-3);
        assertThat(CONFIG.withSeed(9).seed()).isEqualTo(9);
    }

    @Test
    void a_value_outside_its_range_is_named_with_the_range() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrainConfig.of(0, 1, 16, 1e-3))
                .withMessage("steps is 0, and it must be 1 or more. Change it.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrainConfig.of(1, 1, 1, 1e-3))
                .withMessage("rowLength is 1, and it must be 2 or more. Change it.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TrainConfig.of(1, 1, 16, -0.5))
                .withMessage("learningRate is -0.5, and it must be greater than 0. Change it.");
    }
}
