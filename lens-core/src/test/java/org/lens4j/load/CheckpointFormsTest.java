package org.lens4j.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.Fixtures;
import org.lens4j.error.CheckpointException;
import org.lens4j.hub.ModelFiles;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;
import org.lens4j.weights.SafetensorsWriter;
import org.lens4j.weights.StoredType;
import org.lens4j.weights.TensorEntry;
import org.lens4j.weights.TorchFile;

/** The same weights in another form of file are the same model, and other sizes load where config.json says so too. */
class CheckpointFormsTest {
    private static final String SAFETENSORS = "model.safetensors";
    private static final Tokens TOKENS = Tokens.of(new long[] {1, 2, 3, 50, 2}, new long[] {9, 8, 112, 0, 4});

    @TempDir
    private Path folder;

    private static Safetensors original(String model) {
        return Safetensors.open(Fixtures.committed(model).resolve(SAFETENSORS));
    }

    private static void copyConfig(String model, Path to) throws IOException {
        Files.createDirectories(to);
        Files.copy(Path.of("src/test/resources/configs", model + ".json"), to.resolve("config.json"));
    }

    /** The model as it stands, in a folder of its own. */
    private Path whole(String model) throws IOException {
        Path directory = folder.resolve("whole");
        copyConfig(model, directory);
        Files.copy(Fixtures.committed(model).resolve(SAFETENSORS), directory.resolve(SAFETENSORS));
        return directory;
    }

    private static HookedTransformer load(Path directory, LoadOptions options) {
        return Pretrained.load(ModelFiles.ofDirectory(directory), options.withoutCheck())
                .model();
    }

    /** Every activation, bit for bit, processed and not. */
    private static void assertSameModel(Path expected, Path actual) {
        for (LoadOptions options :
                List.of(LoadOptions.defaults(), LoadOptions.defaults().noProcessing())) {
            try (HookedTransformer one = load(expected, options);
                    HookedTransformer other = load(actual, options);
                    Run wanted = one.runWithCache(TOKENS);
                    Run found = other.runWithCache(TOKENS)) {
                assertThat(found.logits().toByteArray())
                        .isEqualTo(wanted.logits().toByteArray());
                assertThat(wanted.cache().names()).isNotEmpty();
                for (String name : wanted.cache().names()) {
                    assertThat(found.cache().get(name).toByteArray())
                            .as(name)
                            .isEqualTo(wanted.cache().get(name).toByteArray());
                }
            }
        }
    }

    private static SafetensorsWriter.Tensor copy(Safetensors from, TensorEntry entry) {
        return new SafetensorsWriter.Streamed(
                entry.dimensions(),
                entry.type(),
                (first, count) -> from.bytes(
                        entry.name(),
                        first * entry.type().bytes(),
                        count * entry.type().bytes()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "gpt_neo", "gpt_neox", "llama"})
    void shards_are_the_same_model(String model) throws IOException {
        copyConfig(model, folder);
        Safetensors from = original(model);
        List<Map<String, SafetensorsWriter.Tensor>> shards = new ArrayList<>();
        for (int shard = 0; shard < 3; shard++) {
            shards.add(new LinkedHashMap<>());
        }
        StringBuilder map = new StringBuilder();
        for (TensorEntry entry : from.entries()) {
            int shard = Math.floorMod(entry.name().hashCode(), 3);
            shards.get(shard).put(entry.name(), copy(from, entry));
            map.append(map.isEmpty() ? "" : ",")
                    .append("\"%s\":\"model-0000%d-of-00003.safetensors\"".formatted(entry.name(), shard + 1));
        }
        for (int shard = 0; shard < 3; shard++) {
            assertThat(shards.get(shard)).isNotEmpty();
            SafetensorsWriter.write(
                    folder.resolve("model-0000%d-of-00003.safetensors".formatted(shard + 1)), shards.get(shard));
        }
        Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\":{%s}}".formatted(map));
        assertSameModel(whole(model), folder);
    }

    private static String storage(StoredType type) {
        return switch (type) {
            case F32 -> "Float";
            case F16 -> "Half";
            case BF16 -> "BFloat16";
            case BOOL -> "Bool";
            default -> throw new AssertionError(type);
        };
    }

    private static long[] strides(long[] shape) {
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= shape[axis];
        }
        return strides;
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "gpt_neo", "gpt_neox", "llama"})
    void a_pickle_is_the_same_model(String model) throws IOException {
        copyConfig(model, folder);
        Safetensors from = original(model);
        TorchFile pickle = new TorchFile().code("}(");
        int key = 0;
        for (TensorEntry entry : from.entries()) {
            String storage = Integer.toString(key++);
            ByteBuffer bytes = from.bytes(entry.name());
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            pickle.text(entry.name())
                    .tensor(
                            storage(entry.type()),
                            storage,
                            entry.count(),
                            0,
                            entry.dimensions(),
                            strides(entry.dimensions()))
                    .entry("data/" + storage, copy);
        }
        pickle.code("u.").write(folder.resolve("pytorch_model.bin"));
        assertSameModel(whole(model), folder);
    }

    /** The tiny gpt2 with a vocabulary of another size in its weights; new tokens have random embeddings. */
    private void resized(int rows) throws IOException {
        Safetensors from = original("gpt2");
        Map<String, SafetensorsWriter.Tensor> tensors = new LinkedHashMap<>();
        for (TensorEntry entry : from.entries()) {
            tensors.put(entry.name(), copy(from, entry));
        }
        String name = from.names().stream()
                .filter(it -> it.endsWith("wte.weight"))
                .findFirst()
                .orElseThrow();
        int width = Math.toIntExact(from.entry(name).dimensions()[1]);
        float[] values = new float[rows * width];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i % 7) * 0.1f;
        }
        var stored = from.bytes(name).asFloatBuffer();
        stored.get(values, 0, Math.min(stored.remaining(), values.length));
        tensors.put(name, new SafetensorsWriter.Floats(new long[] {rows, width}, values));
        SafetensorsWriter.write(folder.resolve(SAFETENSORS), tensors);
    }

    private void writeVocabularySize(int size) throws IOException {
        String config = Files.readString(Fixtures.committed("gpt2").resolve("config.json"));
        String changed = config.replaceFirst("\"vocab_size\": *113", "\"vocab_size\": " + size);
        assertThat(changed).contains("\"vocab_size\": " + size);
        Files.writeString(folder.resolve("config.json"), changed);
    }

    @Test
    void a_fine_tune_with_more_tokens_loads_and_says_the_old_ones_as_before() throws IOException {
        resized(120);
        writeVocabularySize(120);
        LoadOptions raw = LoadOptions.defaults().noProcessing();
        try (HookedTransformer model = load(folder, raw);
                HookedTransformer before = load(Fixtures.committed("gpt2"), raw);
                Run run = model.run(TOKENS);
                Run old = before.run(TOKENS)) {
            assertThat(model.config().dVocabOut()).isEqualTo(120);
            float[] more = run.logits().toFloatArray();
            float[] fewer = old.logits().toFloatArray();
            for (int row = 0; row < 10; row++) {
                assertThat(Arrays.copyOfRange(more, row * 120, row * 120 + 113))
                        .usingComparatorWithPrecision(1e-5f)
                        .containsExactly(Arrays.copyOfRange(fewer, row * 113, (row + 1) * 113));
            }
            model.run(Tokens.of(new long[] {119})).close();
        }
    }

    @Test
    void weights_of_another_vocabulary_than_config_json_says_are_refused() throws IOException {
        resized(113);
        writeVocabularySize(120);
        assertThatThrownBy(() -> load(folder, LoadOptions.defaults()))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "transformer.wte.weight of %s has the shape [113, 32], and config.json asks for [d_vocab=120 d_model=32]. Are these the weights of this config.json?",
                        folder.resolve(SAFETENSORS));
    }

    @Test
    void a_fused_tensor_of_another_shape_is_described_by_its_axes() throws IOException {
        resized(113);
        String config = Files.readString(Fixtures.committed("gpt2").resolve("config.json"));
        Files.writeString(folder.resolve("config.json"), config.replaceFirst("\"n_embd\": *32", "\"n_embd\": 64"));
        assertThatThrownBy(() -> load(folder, LoadOptions.defaults()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("asks for [d_vocab=113 d_model=64]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "EleutherAI/pythia-70m", "demo"})
    void a_folder_with_the_name_of_another_model_is_what_its_config_says(String name) throws IOException {
        Path directory = folder.resolve(name);
        copyConfig("gpt_neo", directory);
        Files.copy(Fixtures.committed("gpt_neo").resolve(SAFETENSORS), directory.resolve(SAFETENSORS));
        try (HookedTransformer model = Pretrained.load(
                        directory.toString(), LoadOptions.defaults().withoutCheck())
                .model()) {
            assertThat(model.config().family()).isEqualTo("GPTNeoForCausalLM");
        }
        assertSameModel(Fixtures.committed("gpt_neo"), directory);
    }
}
