package org.lens4j.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ai.djl.ndarray.NDArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.CheckpointException;
import org.lens4j.family.Blueprint;
import org.lens4j.family.ConfigJson;
import org.lens4j.family.Families;
import org.lens4j.family.Row;
import org.lens4j.hub.ModelFiles;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Parameters;

/** A damaged config.json ends in a CheckpointException or describes a model: nothing else, and nothing large. */
@Timeout(120)
class ConfigFuzzTest {
    private static final Path CONFIGS = Path.of("src/test/resources/configs");
    private static final int ROUNDS = 10_000;
    private static final int LOADS = 16;

    /** What reading a config.json may allocate: a thousand layers are believed, two thousand million are not. */
    private static final long MOST_BYTES = 128L << 20;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    private Path folder;

    static Stream<Path> configs() throws IOException {
        try (Stream<Path> files = Files.list(CONFIGS)) {
            return files.sorted().toList().stream();
        }
    }

    /** The sample configs, and one whose text model is inside another object. */
    private static List<String> originals() throws IOException {
        List<String> texts = new ArrayList<>();
        for (Path file : configs().toList()) {
            texts.add(Files.readString(file));
        }
        JsonObject outer = new JsonObject();
        outer.add("text_config", JsonParser.parseString(Files.readString(CONFIGS.resolve("gemma3.json"))));
        outer.getAsJsonObject("text_config").remove("architectures");
        outer.add("architectures", JsonParser.parseString("[\"Gemma3ForConditionalGeneration\"]"));
        texts.add(outer.toString());
        return texts;
    }

    private static boolean isRefused(String text) {
        try {
            Families.blueprint(ConfigJson.parse("config.json", text));
            return false;
        } catch (CheckpointException expected) {
            return true;
        }
    }

    /** Runs it, and reports whatever it throws with the text it was given. */
    private static boolean frugally(String text, BooleanSupplier reading) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            boolean refused = reading.getAsBoolean();
            assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
                    .as("bytes allocated for " + text)
                    .isLessThan(MOST_BYTES + 100L * text.length());
            return refused;
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            return fail(text.length() > 3000 ? text.substring(0, 3000) : text, e);
        }
    }

    @Test
    void damaged_configs_are_refused_or_understood() throws IOException {
        Random random = new Random(30);
        List<String> originals = originals();
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            String text = new ConfigMutation(originals.get(round % originals.size()), random).text();
            refused += frugally(text, () -> isRefused(text)) ? 1 : 0;
        }
        assertThat(refused).isBetween(ROUNDS / 3, ROUNDS * 19 / 20);
    }

    /** Every whole number, one after the other, also inside objects. */
    private static List<String> enlarged(String original, long size) {
        List<String> texts = new ArrayList<>();
        JsonObject json = JsonParser.parseString(original).getAsJsonObject();
        for (Map.Entry<String, JsonElement> entry : json.entrySet()) {
            if (entry.getValue().isJsonPrimitive()
                    && entry.getValue().getAsJsonPrimitive().isNumber()) {
                JsonObject changed = json.deepCopy();
                changed.add(entry.getKey(), new JsonPrimitive(size));
                texts.add(changed.toString());
            } else if (entry.getValue().isJsonObject()) {
                for (String inner : enlarged(entry.getValue().toString(), size)) {
                    JsonObject changed = json.deepCopy();
                    changed.add(entry.getKey(), JsonParser.parseString(inner));
                    texts.add(changed.toString());
                }
            }
        }
        return texts;
    }

    /** Numbers that fit every family: the same in tensors that are tied. */
    private void writeModel(String config) throws IOException {
        Blueprint blueprint = Families.blueprint(ConfigJson.parse("config.json", config));
        Scope scope = Scope.root();
        Map<String, NDArray> byName = new LinkedHashMap<>();
        for (Row row : blueprint.expanded()) {
            float value = row instanceof Row.Stored stored
                    ? (float) (0.5 * stored.change().times())
                    : ((Row.Constant) row).value();
            byName.put(row.ours(), scope.constant(value, row.shape(blueprint.config())));
        }
        try (Parameters parameters = new Parameters(scope, byName)) {
            CheckpointWriter.of("config.json", config).write(folder, parameters);
        }
    }

    /** Loads the tiny weights under another config, and runs what loads. */
    private boolean isRefusedWithWeights(String config) {
        try {
            Files.writeString(folder.resolve("config.json"), config);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        LoadOptions options = LoadOptions.defaults().withoutCheck();
        try (HookedModel model =
                Pretrained.load(ModelFiles.ofDirectory(folder), options).hooked()) {
            if (model instanceof HookedTransformer transformer) {
                transformer.run(Tokens.of(new long[] {0})).close();
            }
            return false;
        } catch (CheckpointException expected) {
            return true;
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void numbers_of_any_size_allocate_nothing(Path file) throws IOException {
        String original = Files.readString(file);
        writeModel(original);
        for (long size : new long[] {2_000_000_000L, 999, 0, -1}) {
            for (String text : enlarged(original, size)) {
                frugally(text, () -> isRefused(text));
                frugally(text, () -> isRefusedWithWeights(text));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("configs")
    void weights_under_a_damaged_config_are_refused_or_run(Path file) throws IOException {
        String original = Files.readString(file);
        writeModel(original);
        assertThat(isRefusedWithWeights(original)).isFalse();
        Random random = new Random(31);
        for (int round = 0; round < LOADS; round++) {
            String text = new ConfigMutation(original, random).text();
            frugally(text, () -> isRefusedWithWeights(text));
        }
    }

    @Test
    void more_experts_than_any_model_has_are_refused() throws IOException {
        String text = Files.readString(CONFIGS.resolve("mixtral.json"))
                .replaceAll("(\"num_local_experts\": *)4", "$1" + 40000);
        assertThat(text).contains("40000");
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> config(text))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(
                        "config.json describes no model: 3 layers of 40000 experts are more than any model has (100000 in all). Correct it.");
    }

    private static ModelConfig config(String text) {
        return Families.config(ConfigJson.parse("config.json", text));
    }
}
