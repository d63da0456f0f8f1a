package org.lens4j.weights;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.tensor.Scope;

/** Files that Python wrote. */
class CheckpointFixturesTest {
    private static List<Path> with(String... names) {
        try (Stream<Path> folders = Files.list(Fixtures.folder())) {
            List<Path> found = folders.filter(it -> Stream.of(names).allMatch(name -> Files.exists(it.resolve(name))))
                    .sorted()
                    .toList();
            assertThat(found).isNotEmpty();
            return found;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Path> inBothForms() {
        return with("model_final.pth", "model.safetensors");
    }

    static List<Path> nanoGpt() {
        return with("ckpt.pt");
    }

    @ParameterizedTest
    @MethodSource("inBothForms")
    void a_pickle_holds_what_its_safetensors_twin_holds(Path model) {
        Checkpoint pickle = Checkpoint.open(model.resolve("model_final.pth"));
        Checkpoint twin = Checkpoint.open(model.resolve("model.safetensors"));
        assertThat(pickle).isInstanceOf(TorchPickle.class);
        assertThat(pickle.names()).containsAll(twin.names());
        assertThat(pickle.names().stream().filter(it -> !twin.has(it)))
                .as("buffers of the mask, which only the pickle has")
                .allMatch(it -> it.endsWith(".attn.mask") || it.endsWith(".attn.IGNORE"));
        for (TensorEntry entry : twin.entries()) {
            assertThat(pickle.entry(entry.name())).isEqualTo(entry);
            assertThat(pickle.bytes(entry.name())).as(entry.toString()).isEqualTo(twin.bytes(entry.name()));
        }
    }

    @ParameterizedTest
    @MethodSource("nanoGpt")
    void a_training_checkpoint_gives_its_model_and_its_settings(Path model) throws IOException {
        TorchPickle pickle = TorchPickle.open(model.resolve("ckpt.pt"));
        assertThat(pickle.values().keys())
                .containsExactly("model", "optimizer", "model_args", "iter_num", "best_val_loss", "config");
        SavedValue.Mapping args = pickle.values().mapping("model_args").orElseThrow();
        String json = Files.readString(model.resolve("model_args.json"));
        for (String key : List.of("n_layer", "n_head", "n_embd", "block_size", "vocab_size")) {
            assertThat(json)
                    .contains("\"%s\": %d".formatted(key, args.whole(key).orElseThrow()));
        }
        assertThat(json).contains("\"bias\": " + args.truth("bias").orElseThrow());
        assertThat(pickle.values().whole("iter_num")).isPresent();
        assertThat(pickle.values().at("best_val_loss")).contains(new SavedValue.Tensor(StoredType.F32, List.of()));
        assertThat(pickle.values().mapping("config").orElseThrow().text("dataset"))
                .contains("shakespeare_char");
        assertThat(pickle.has("best_val_loss")).isFalse();
        String prefix = pickle.has("lm_head.weight") ? "" : "_orig_mod.";
        TensorEntry embedding = pickle.entry(prefix + "transformer.wte.weight");
        assertThat(embedding.shape())
                .containsExactly(
                        args.whole("vocab_size").orElseThrow(),
                        args.whole("n_embd").orElseThrow());
        assertThat(pickle.bytes(prefix + "lm_head.weight"))
                .as("the unembedding shares the embedding's storage")
                .isEqualTo(pickle.bytes(embedding.name()));
        try (ZipFile zip = new ZipFile(model.resolve("ckpt.pt").toFile())) {
            byte[] first = zip.getInputStream(zip.getEntry("ckpt/data/0")).readAllBytes();
            assertThat(pickle.bytes(embedding.name())).isEqualTo(ByteBuffer.wrap(first));
        }
    }

    private static void numbers(String model, StoredType type, java.util.function.ToDoubleFunction<Short> value) {
        Checkpoint checkpoint = Checkpoint.open(Fixtures.committed(model).resolve("model.safetensors"));
        List<TensorEntry> halves =
                checkpoint.entries().stream().filter(it -> it.type() == type).toList();
        assertThat(halves).isNotEmpty();
        try (Scope scope = Scope.root()) {
            for (TensorEntry entry : halves) {
                NDArray read = FloatReader.read(checkpoint, entry.name(), scope);
                assertThat(read.getShape().getShape()).isEqualTo(entry.dimensions());
                ByteBuffer stored = checkpoint.bytes(entry.name()).order(ByteOrder.LITTLE_ENDIAN);
                for (float number : read.toFloatArray()) {
                    assertThat((double) number).isEqualTo(value.applyAsDouble(stored.getShort()));
                }
            }
        }
    }

    @Test
    void half_precision_weights_are_widened_as_the_standard_defines_them() {
        numbers("gpt_neox", StoredType.F16, bits -> {
            int exponent = bits >> 10 & 31;
            assertThat(exponent == 31 && (bits & 1023) != 0).as("not a number").isFalse();
            double size = exponent == 31
                    ? Double.POSITIVE_INFINITY
                    : exponent == 0
                            ? (bits & 1023) * Math.pow(2, -24)
                            : (1 + (bits & 1023) / 1024.0) * Math.pow(2, exponent - 15);
            return bits < 0 ? -size : size;
        });
    }

    @Test
    void bfloat16_weights_are_widened_as_the_upper_half_of_a_float() {
        numbers("llama", StoredType.BF16, bits -> {
            int exponent = bits >> 7 & 255;
            double size = exponent == 0
                    ? (bits & 127) * Math.pow(2, -133)
                    : (1 + (bits & 127) / 128.0) * Math.pow(2, exponent - 127);
            return bits < 0 ? -size : size;
        });
    }
}
