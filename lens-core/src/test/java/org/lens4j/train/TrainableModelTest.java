package org.lens4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.error.CheckpointException;
import org.lens4j.family.ConfigJson;
import org.lens4j.load.CheckpointWriter;
import org.lens4j.model.Run;
import org.lens4j.text.Tokens;

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

    static Stream<Path> configs() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/configs"))) {
            return files.filter(it -> !it.getFileName().toString().matches("(bert|t5).*")).sorted().toList().stream();
        }
    }

    private static String untied(String config) {
        JsonObject json = JsonParser.parseString(config).getAsJsonObject();
        json.addProperty("tie_word_embeddings", false);
        return json.toString();
    }

    @Test
    void a_scaled_embedding_cannot_be_tied() throws IOException {
        ConfigJson gemma =
                ConfigJson.parse("config.json", Files.readString(Path.of("src/test/resources/configs/gemma.json")));
        assertThatThrownBy(() -> TrainableModel.fresh("fresh", gemma, 3))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "config.json ties the unembedding to an embedding that is scaled on its way in, which cannot be trained. Set tie_word_embeddings to false.");
    }

    /** Tied tensors are equal, absent ones are constant: what is drawn is a model of its family. */
    @ParameterizedTest
    @MethodSource("configs")
    void a_fresh_model_of_any_family_runs_and_can_be_saved(Path config, @TempDir Path folder) throws IOException {
        String written = Files.readString(config);
        // A scaled embedding cannot be tied while it is trained.
        String text = config.toString().contains("gemma") ? untied(written) : written;
        try (TrainableModel model = TrainableModel.fresh("fresh", ConfigJson.parse("config.json", text), 3)) {
            try (Run run = model.model().run(Tokens.of(new long[] {1, 2, 3}))) {
                for (float logit : run.logits().toFloatArray()) {
                    assertThat(logit).isFinite();
                }
            }
            CheckpointWriter.of("config.json", text).write(folder, model.model().parameters());
        }
    }
}
