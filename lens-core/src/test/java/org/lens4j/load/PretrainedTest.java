package org.lens4j.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.Fixtures;
import org.lens4j.Lens;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.HubException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.hub.ModelFiles;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.process.Processing;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;
import org.lens4j.weights.SafetensorsWriter;
import org.lens4j.weights.StoredType;
import org.lens4j.weights.TensorEntry;

class PretrainedTest {
    private static final Path GPT2 = Fixtures.committed("gpt2");
    private static final Tokens TOKENS = Tokens.of(new long[] {1, 2, 3});

    @TempDir
    private Path folder;

    /** A copy of the tiny gpt2 with its floating-point tensors changed. */
    private Path changed(Consumer<Map<String, SafetensorsWriter.Floats>> change) throws IOException {
        Safetensors original = Safetensors.open(GPT2.resolve("model.safetensors"));
        Map<String, SafetensorsWriter.Floats> tensors = new LinkedHashMap<>();
        for (TensorEntry entry : original.entries()) {
            if (entry.type() == StoredType.F32) {
                ByteBuffer bytes = original.bytes(entry.name());
                FloatBuffer floats = bytes.asFloatBuffer();
                float[] values = new float[floats.remaining()];
                floats.get(values);
                tensors.put(entry.name(), new SafetensorsWriter.Floats(entry.dimensions(), values));
            }
        }
        change.accept(tensors);
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors);
        Files.copy(GPT2.resolve("config.json"), folder.resolve("config.json"));
        return folder;
    }

    private static float[] logits(Path directory) {
        try (HookedTransformer model = Lens.load(directory.toString());
                Run run = model.run(TOKENS)) {
            return run.logits().toFloatArray();
        }
    }

    @Test
    void a_directory_in_any_folder_loads_by_its_path() throws IOException {
        assertThat(logits(changed(tensors -> {}).toAbsolutePath())).isEqualTo(logits(GPT2.toAbsolutePath()));
    }

    @Test
    void files_inside_an_archive_load_by_the_same_path() throws IOException {
        Path jar = folder.resolve("model.jar");
        URI uri = URI.create("jar:" + jar.toUri());
        try (FileSystem archive = FileSystems.newFileSystem(uri, Map.of("create", "true"))) {
            Path inside = Files.createDirectories(archive.getPath("/models/tiny"));
            for (String name : new String[] {"config.json", "model.safetensors"}) {
                Files.copy(GPT2.resolve(name), inside.resolve(name));
            }
        }
        try (FileSystem archive = FileSystems.newFileSystem(uri, Map.of());
                HookedTransformer model = Pretrained.load(new ModelFiles("tiny", archive.getPath("/models/tiny")))
                        .model();
                Run run = model.run(TOKENS)) {
            assertThat(run.logits().toFloatArray()).isEqualTo(logits(GPT2.toAbsolutePath()));
        }
    }

    @Test
    void a_missing_tensor_is_named_with_the_closest() throws IOException {
        Path directory = changed(tensors -> {
            String key = tensors.keySet().stream()
                    .filter(it -> it.endsWith("h.1.ln_1.bias"))
                    .findFirst()
                    .orElseThrow();
            tensors.put(key + "es", java.util.Objects.requireNonNull(tensors.remove(key)));
        });
        assertThatThrownBy(() -> Pretrained.load(ModelFiles.ofDirectory(directory)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("lacks the tensor \"transformer.h.1.ln_1.bias\"")
                .hasMessageContaining("h.1.ln_1.biases");
    }

    @Test
    void a_tensor_nobody_asked_for_stops_the_load() throws IOException {
        Path directory = changed(tensors ->
                tensors.put("transformer.adapter.weight", new SafetensorsWriter.Floats(new long[] {1}, new float[1])));
        assertThatThrownBy(() -> Pretrained.load(ModelFiles.ofDirectory(directory)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("holds \"transformer.adapter.weight\", which family GPT2LMHeadModel does not use")
                .hasMessageContaining("Loading would leave it out silently");
    }

    @Test
    void a_tensor_of_another_shape_stops_the_load() throws IOException {
        Path directory = changed(tensors ->
                tensors.put("transformer.ln_f.weight", new SafetensorsWriter.Floats(new long[] {31}, new float[31])));
        assertThatThrownBy(() -> Pretrained.load(ModelFiles.ofDirectory(directory)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("transformer.ln_f.weight")
                .hasMessageContaining("has the shape [31]");
    }

    @Test
    void tied_embeddings_use_the_token_embedding_whatever_the_head_says() throws IOException {
        Path directory = changed(tensors ->
                tensors.put("lm_head.weight", new SafetensorsWriter.Floats(new long[] {113, 32}, new float[113 * 32])));
        assertThat(logits(directory)).isEqualTo(logits(GPT2.toAbsolutePath()));
    }

    @Test
    void untied_embeddings_use_the_head() throws IOException {
        Path directory = changed(tensors ->
                tensors.put("lm_head.weight", new SafetensorsWriter.Floats(new long[] {113, 32}, new float[113 * 32])));
        Path config = directory.resolve("config.json");
        Files.writeString(config, Files.readString(config).replaceFirst("\\{", "{\"tie_word_embeddings\": false,"));
        assertThat(logits(directory)).containsOnly(0f);
    }

    @Test
    void the_report_says_what_was_done() {
        Pretrained loaded = Pretrained.load(ModelFiles.ofDirectory(GPT2));
        try (HookedTransformer model = loaded.model()) {
            LoadReport report = loaded.report();
            assertThat(report.parameters()).isEqualTo(model.parameters().count());
            assertThat(report.tensors().zeros()).containsExactly("unembed.b_U");
            assertThat(report.rewrites().applied())
                    .containsExactly("fold_ln", "center_writing_weights", "center_unembed", "fold_value_biases");
        }
    }

    @Test
    void an_unknown_model_names_what_there_is() {
        assertThatThrownBy(() -> Lens.load("dmo"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Unknown model \"dmo\"")
                .hasMessageContaining("demo")
                .hasMessageContaining("Give the path of a directory");
        assertThatThrownBy(() -> Lens.load("EleutherAI/gpt-neo-125m"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("No model \"EleutherAI/gpt-neo-125m\" in ")
                .hasMessageContaining("(offline). Found: nothing. Unset HF_HUB_OFFLINE to download it");
    }

    @Test
    void a_directory_that_is_missing_or_holds_no_model_says_so() throws IOException {
        assertThatThrownBy(() -> Lens.load("./no-such-directory"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("No directory ");
        Files.writeString(folder.resolve("notes.txt"), "x");
        assertThatThrownBy(() -> Lens.load(folder.toString()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("has no config.json; it holds notes.txt");
        Files.copy(GPT2.resolve("config.json"), folder.resolve("config.json"));
        assertThatThrownBy(() -> Lens.load(folder.toString()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("has no model.safetensors or pytorch_model.bin; it holds config.json, notes.txt");
    }

    @Test
    void a_damaged_tokenizer_is_named() throws IOException {
        Path directory = changed(tensors -> {});
        Files.writeString(directory.resolve("tokenizer.json"), "{}");
        assertThatThrownBy(() -> Lens.load(directory.toString()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("tokenizer.json could not be read as a tokenizer");
    }

    @Test
    void weights_without_a_configuration_take_another_models() throws IOException {
        Path directory = changed(tensors -> {});
        Path config = Files.move(directory.resolve("config.json"), directory.resolve("described.txt"));
        assertThatThrownBy(() -> Lens.load(directory.toString()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("has no config.json");
        for (String from :
                new String[] {config.toString(), GPT2.toAbsolutePath().toString()}) {
            LoadOptions options = LoadOptions.defaults().asConfig(from);
            for (Path weights : new Path[] {directory, directory.resolve("model.safetensors")}) {
                try (HookedTransformer model = Lens.load(weights.toString(), options);
                        Run run = model.run(TOKENS)) {
                    assertThat(run.logits().toFloatArray()).isEqualTo(logits(GPT2.toAbsolutePath()));
                }
            }
        }
    }

    @Test
    void a_configuration_that_is_not_there_is_named() {
        LoadOptions options = LoadOptions.defaults().asConfig("dmo");
        assertThatThrownBy(() -> Lens.load(GPT2.toString(), options))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Unknown model \"dmo\"");
    }

    @Test
    void options_are_values_that_do_not_change() {
        LoadOptions defaults = LoadOptions.defaults();
        LoadOptions other = defaults.noProcessing()
                .withoutCheck()
                .asConfig("x")
                .withRevision("v1")
                .withOffline();
        assertThat(defaults.processing()).isEqualTo(Processing.standard());
        assertThat(defaults.check()).isTrue();
        assertThat(other.processing()).isEqualTo(Processing.none());
        assertThat(other.check()).isFalse();
        assertThat(other.asConfig()).contains("x");
        assertThat(other.hub().offline()).isTrue();
        assertThat(other.hub().revision().text()).isEqualTo("v1");
        assertThat(other.with(Processing.Switch.FOLD_LN).processing().switches())
                .containsExactly(Processing.Switch.FOLD_LN);
        assertThat(defaults.without(Processing.Switch.FOLD_LN).processing().off())
                .containsExactly("fold_ln", "refactor_factored_attn_matrices");
    }
}
