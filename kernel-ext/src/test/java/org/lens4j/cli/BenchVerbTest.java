package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BenchVerbTest {
    @Test
    void every_kind_of_work_is_timed_beside_what_it_is_measured_against() {
        MainTest.Ended ended = MainTest.lens("bench", "--tiny", "--repetitions", "2");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out())
                .containsPattern("forward \\[1, 128] +\\| [0-9.]+ +\\|.*\\| one graph +\\| 1.00 +\\| [0-9.]+ +\\|")
                .containsPattern("all hook points cached \\[1, 128] +\\| [0-9.]+ +\\|.*\\| one graph +\\| 1.15")
                .containsPattern("`blocks.1.hook_resid_post` alone \\[1, 128] +\\| [0-9.]+ +\\|")
                .containsPattern("gradient at every `resid_post` \\[1, 64] +\\| [0-9.]+ .*\\| its forward")
                .containsPattern("alone in bfloat16 \\[16, 128] +\\| [0-9.]+ .*\\| float32")
                .containsPattern("32 tokens written behind 16 +\\| [0-9.]+ ")
                .containsPattern("patching `resid_pre`, 2 layers × 15 positions +\\| [0-9.]+ .*\\| 8.00 ")
                .containsPattern("patching heads by position, 120 patches +\\| [0-9.]+ ")
                .containsPattern("A float32 product of two 1024 x 1024 matrices: [0-9]+ GFLOP/s")
                .containsPattern("A hook point with nothing attached: 0\\.[0-9]+ µs")
                .containsPattern("In bfloat16, log-probabilities of 254 tokens: 0\\.[0-9]+ nats off");
    }

    @Test
    void no_repetition_is_a_mistake() {
        assertThat(MainTest.lens("bench", "--repetitions", "0").code()).isEqualTo(2);
    }
}
