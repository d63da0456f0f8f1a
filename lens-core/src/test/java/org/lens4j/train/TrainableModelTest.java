package org.lens4j.train;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class TrainableModelTest {
    @Test
    void fresh_parameters_depend_on_the_seed_only() {
        try (TrainableModel one = TinyModels.fresh(TinyModels.GPT_NEO, 7);
                TrainableModel same = TinyModels.fresh(TinyModels.GPT_NEO, 7);
                TrainableModel other = TinyModels.fresh(TinyModels.GPT_NEO, 8)) {
            float[] drawn = one.model().parameters().get("blocks.1.mlp.W_in").toFloatArray();
            assertThat(drawn)
                    .isEqualTo(
                            same.model().parameters().get("blocks.1.mlp.W_in").toFloatArray())
                    .isNotEqualTo(
                            other.model().parameters().get("blocks.1.mlp.W_in").toFloatArray());
        }
    }

    @Test
    void a_fresh_model_is_as_surprised_as_one_that_knows_nothing() {
        try (TrainableModel model = TinyModels.fresh(TinyModels.GPT2, 1)) {
            float loss = model.model().loss(TinyModels.counting(8, 12, new java.util.Random(1)));
            assertThat((double) loss).isCloseTo(Math.log(TinyModels.D_VOCAB), Offset.offset(0.5));
        }
    }

    @Test
    void gains_start_at_one_and_biases_at_zero() {
        try (TrainableModel model = TinyModels.fresh(TinyModels.GPT2, 1)) {
            assertThat(model.model().parameters().get("blocks.0.ln1.w").toFloatArray())
                    .containsOnly(1);
            assertThat(model.model().parameters().get("blocks.0.ln1.b").toFloatArray())
                    .containsOnly(0);
            assertThat(model.model().parameters().get("blocks.0.attn.b_Q").toFloatArray())
                    .containsOnly(0);
            assertThat(model.model().parameters().get("ln_final.w").toFloatArray())
                    .containsOnly(1);
        }
    }

    @Test
    void an_untied_unembedding_is_a_parameter_of_its_own() {
        try (TrainableModel tied = TinyModels.fresh(TinyModels.GPT2, 1);
                TrainableModel untied = TinyModels.fresh(TinyModels.GPT2_UNTIED, 1)) {
            assertThat(tied.trained()).doesNotContainKey("unembed.W_U");
            assertThat(untied.trained()).containsKey("unembed.W_U");
        }
    }
}
