package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BenchVerbTest {
    @Test
    void every_kind_of_work_is_timed_beside_what_it_is_measured_against() {
        MainTest.Ended ended = MainTest.lens("bench", "--tiny", "--repetitions", "2");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out())
                .containsPattern("forward \\[1, 128] +[0-9.]+ ms +[0-9.]+ x one graph")
                .containsPattern("all hook points cached \\[1, 128] +[0-9.]+ ms")
                .containsPattern("blocks.1.hook_resid_post alone \\[1, 128] +[0-9.]+ ms")
                .containsPattern("forward and back, every resid_post \\[1, 64] +[0-9.]+ ms +[0-9.]+ x its forward")
                .containsPattern("float32 product, 1024 x 1024 +[0-9]+ GFLOP/s");
    }

    @Test
    void no_repetition_is_a_mistake() {
        assertThat(MainTest.lens("bench", "--repetitions", "0").code()).isEqualTo(2);
    }
}
