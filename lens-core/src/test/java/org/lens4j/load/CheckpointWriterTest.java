package org.lens4j.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.error.CheckpointException;
import org.lens4j.family.Blueprint;
import org.lens4j.family.ConfigJson;
import org.lens4j.family.Families;
import org.lens4j.family.Row;
import org.lens4j.hub.ModelFiles;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Scope;
import org.lens4j.train.TrainableModel;
import org.lens4j.weights.Checkpoint;
import org.lens4j.weights.Safetensors;
import org.lens4j.weights.StoredType;

/** What is written and read again is what was there, bit for bit, for every family. */
class CheckpointWriterTest {
    static Stream<Path> models() {
        return Fixtures.decoders().stream();
    }

    /** The description of a model, whatever file it is in. */
    private static String config(Path source) throws IOException {
        for (String file : List.of("config.json", "model_args.json")) {
            if (Files.exists(source.resolve(file))) {
                return Files.readString(source.resolve(file));
            }
        }
        return JsonParser.parseString(Files.readString(source.resolve("tl_config.json")))
                .getAsJsonObject()
                .get("raw")
                .toString();
    }

    @ParameterizedTest
    @MethodSource("models")
    void every_parameter_survives_export_and_load_bit_for_bit(Path source, @TempDir Path folder) throws IOException {
        try (HookedTransformer model = load(source)) {
            CheckpointWriter.of("config.json", config(source)).write(folder, model.parameters());
            try (HookedTransformer again = load(folder)) {
                assertThat(again.parameters().names())
                        .containsExactlyElementsOf(model.parameters().names());
                for (String name : model.parameters().names()) {
                    assertThat(values(again, name)).as(name).isEqualTo(values(model, name));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void the_tensors_are_those_of_the_original_bit_for_bit(Path source, @TempDir Path folder) throws IOException {
        String config = config(source);
        Blueprint blueprint = Families.blueprint(ConfigJson.parse("config.json", config));
        Checkpoint original = Checkpoint.open(ModelFiles.ofDirectory(source).weights());
        boolean changed = blueprint.rows().stream()
                .anyMatch(row ->
                        row instanceof Row.Stored stored && !stored.change().equals(Row.Change.NONE));
        boolean float32 = original.entries().stream()
                .noneMatch(it -> it.type() == StoredType.BF16 || it.type() == StoredType.F16);
        assumeTrue(float32 && !changed, "written numbers are float32, and a sum is not undone to the last bit");
        try (HookedTransformer model = load(source)) {
            CheckpointWriter.of("config.json", config).write(folder, model.parameters());
        }
        Safetensors written = Safetensors.open(folder.resolve("model.safetensors"));
        for (String name : written.names()) {
            String bare = name.replaceFirst("^transformer\\.", "");
            String theirs = Stream.of(name, bare, "_orig_mod." + name)
                    .filter(original::has)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(name + " is not in " + original.names()));
            assertThat(written.entry(name).dimensions())
                    .as(name)
                    .isEqualTo(original.entry(theirs).dimensions());
            if (!name.contains("embed_positions")) {
                assertThat(written.bytes(name)).as(name).isEqualTo(original.bytes(theirs));
            }
        }
        assertThat(written.has("lm_head.weight")).isEqualTo(original.has("lm_head.weight") && !blueprint.tied());
    }

    @Test
    void a_bias_the_format_cannot_hold_stops_the_export(@TempDir Path folder) throws IOException {
        String config = Files.readString(Fixtures.model("gpt_neo").resolve("config.json"));
        try (TrainableModel model = TrainableModel.fresh("x", ConfigJson.parse("x", config), 1)) {
            NDArray bias = model.model().parameters().get("blocks.1.attn.b_Q");
            float[] values = bias.toFloatArray();
            values[0] = 0.5f;
            bias.set(values);
            CheckpointWriter writer = CheckpointWriter.of("config.json", config);
            assertThatThrownBy(() -> writer.write(folder, model.model().parameters()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage("blocks.1.attn.b_Q holds 0.5, and checkpoints of GPTNeoForCausalLM have no such tensor:"
                            + " they only fit where it is zero. Write model.raw() instead of a processed model.");
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void an_unembedding_that_is_not_the_embedding_needs_an_untied_config(@TempDir Path folder) throws IOException {
        String tied = Files.readString(Fixtures.model("gpt2").resolve("config.json"));
        JsonObject json = JsonParser.parseString(tied).getAsJsonObject();
        json.addProperty("tie_word_embeddings", false);
        String untied = json.toString();
        try (TrainableModel model = TrainableModel.fresh("x", ConfigJson.parse("x", untied), 1)) {
            CheckpointWriter writer = CheckpointWriter.of("config.json", tied);
            assertThatThrownBy(() -> writer.write(folder, model.model().parameters()))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessage("unembed.W_U is not embed.W_E transposed, and this config.json ties them."
                            + " Set tie_word_embeddings to false.");
            CheckpointWriter.of("config.json", untied)
                    .write(folder, model.model().parameters());
            try (HookedTransformer again = load(folder)) {
                assertThat(values(again, "unembed.W_U")).isEqualTo(values(model.model(), "unembed.W_U"));
            }
        }
    }

    private static float[] values(HookedTransformer model, String parameter) {
        try (Scope scope = Scope.root()) {
            return scope.copy(model.parameters().get(parameter)).toFloatArray();
        }
    }

    private static HookedTransformer load(Path directory) {
        return Fixtures.raw(directory);
    }
}
