package org.lens4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.lens4j.error.StateException;
import org.lens4j.tensor.Scope;

class TrainLoopTest {
    private static final TrainConfig CONFIG = TrainConfig.of(30, 8, 10, 2e-2);

    @Test
    void training_lowers_the_loss() {
        List<Float> losses = losses(1);
        assertThat(losses).hasSize(30);
        assertThat(losses.get(0)).isBetween(2f, 3.5f);
        assertThat(losses.get(29)).isLessThan(losses.get(0) / 2);
    }

    @Test
    void the_same_seed_gives_the_same_losses_bit_for_bit() {
        assertThat(losses(3)).isEqualTo(losses(3)).isNotEqualTo(losses(4));
    }

    @Test
    void what_the_architecture_lacks_stays_zero_and_the_unembedding_stays_the_embedding() {
        try (TrainableModel model = TinyModels.fresh(TinyModels.GPT_NEO, 1)) {
            train(model, CONFIG.withSteps(5));
            assertThat(model.trained())
                    .doesNotContainKeys("unembed.W_U", "unembed.b_U", "blocks.0.attn.b_Q", "blocks.1.attn.b_V");
            for (String name : List.of("unembed.b_U", "blocks.0.attn.b_Q", "blocks.1.attn.b_K", "blocks.0.attn.b_V")) {
                assertThat(model.model().parameters().get(name).toFloatArray()).containsOnly(0);
            }
            float[] embed = model.model().parameters().get("embed.W_E").toFloatArray();
            float[] unembed = model.model().parameters().get("unembed.W_U").toFloatArray();
            for (int v = 0; v < TinyModels.D_VOCAB; v++) {
                for (int m = 0; m < 8; m++) {
                    assertThat(unembed[m * TinyModels.D_VOCAB + v]).isEqualTo(embed[v * 8 + m]);
                }
            }
        }
    }

    @Test
    void every_trained_parameter_moves() {
        try (TrainableModel model = TinyModels.fresh(TinyModels.GPT2, 1)) {
            List<float[]> before =
                    model.tensors().stream().map(NDArray::toFloatArray).toList();
            train(model, CONFIG.withSteps(3));
            int i = 0;
            for (var parameter : model.trained().entrySet()) {
                assertThat(parameter.getValue().toFloatArray())
                        .as(parameter.getKey())
                        .isNotEqualTo(before.get(i++));
            }
        }
    }

    @Test
    void fifty_steps_leave_no_tensor_behind() {
        try (TrainableModel model = TinyModels.fresh(TinyModels.GPT_NEO, 1)) {
            Scope owner = model.model().parameters().scope();
            train(model, CONFIG.withSteps(2));
            int before = owner.size();
            train(model, CONFIG.withSteps(50));
            assertThat(owner.size()).isEqualTo(before);
        }
    }

    @Test
    void an_interrupted_training_stops_after_the_step_and_stays_interrupted() {
        try (TrainableModel model = TinyModels.fresh(TinyModels.GPT_NEO, 1)) {
            Random random = new Random(1);
            List<Float> losses = new TrainLoop(model, CONFIG).run(step -> lesson(8, 10, random), progress -> {
                if (progress.step() == 3) {
                    Thread.currentThread().interrupt();
                }
            });
            assertThat(Thread.interrupted()).isTrue();
            assertThat(losses).hasSize(3);
        }
    }

    @Test
    void a_loss_that_is_no_number_stops_the_training_and_says_what_to_do() {
        TrainConfig wild = new TrainConfig(50, 8, 10, 1e30, 0, 1, 0.9, 0.98, 0, 1e30, 1);
        try (TrainableModel model = TinyModels.fresh(TinyModels.GPT_NEO, 1)) {
            assertThatThrownBy(() -> train(model, wild))
                    .isInstanceOf(StateException.class)
                    .hasMessageContaining("The learning rate, 1.0e+30 at its highest, is likely too high: lower it.");
        }
    }

    @Test
    void progress_counts_steps_and_reads_as_one_line() {
        List<TrainProgress> seen = new ArrayList<>();
        try (TrainableModel model = TinyModels.fresh(TinyModels.GPT_NEO, 1)) {
            Random random = new Random(1);
            new TrainLoop(model, CONFIG.withSteps(3)).run(step -> lesson(8, 10, random), seen::add);
        }
        assertThat(seen).extracting(TrainProgress::step).containsExactly(1, 2, 3);
        assertThat(seen)
                .allSatisfy(progress -> assertThat(progress.tokensPerSecond()).isPositive());
        assertThat(new TrainProgress(3, 60, 2.3456, 1.5, 12_345.6).line())
                .isEqualTo("step 3 of 60: loss 2.346, gradient 1.50, 12,346 tokens/s");
    }

    @Test
    void a_training_says_that_it_begins_and_ends_however_it_ends() {
        Random random = new Random(1);
        TrainConfig wild = new TrainConfig(50, 8, 10, 1e30, 0, 1, 0.9, 0.98, 0, 1e30, 1);
        ToldTraining whole = new ToldTraining(0);
        ToldTraining stopped = new ToldTraining(1);
        ToldTraining failed = new ToldTraining(0);
        try (TrainableModel model = TinyModels.fresh(TinyModels.GPT_NEO, 1)) {
            TrainLoop loop = new TrainLoop(model, CONFIG.withSteps(2));
            loop.run(step -> lesson(8, 10, random), whole);
            loop.run(step -> lesson(8, 10, random), stopped);
            assertThat(Thread.interrupted()).isTrue();
            assertThatThrownBy(() -> new TrainLoop(model, wild).run(step -> lesson(8, 10, random), failed))
                    .isInstanceOf(StateException.class);
        }
        assertThat(whole.events()).containsExactly("began", "step 1", "step 2", "ended");
        assertThat(stopped.events()).containsExactly("began", "step 1", "ended");
        assertThat(failed.events()).startsWith("began").endsWith("ended");
    }

    private static List<Float> losses(long seed) {
        try (TrainableModel model = TinyModels.fresh(TinyModels.GPT_NEO, seed)) {
            return train(model, CONFIG);
        }
    }

    private static List<Float> train(TrainableModel model, TrainConfig config) {
        Random random = new Random(1);
        return new TrainLoop(model, config)
                .run(step -> lesson(config.batch(), config.rowLength(), random), progress -> {});
    }

    private static TrainLoop.Lesson lesson(int rows, int length, Random random) {
        return new TrainLoop.Lesson(TinyModels.counting(rows, length, random), Objective.nextToken());
    }
}
