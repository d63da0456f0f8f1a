package org.lens4j.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.Lens;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.StateException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Slice;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;
import org.lens4j.weights.SafetensorsWriter;
import org.lens4j.weights.StoredType;

class CacheFileTest {
    private static final Tokens TOKENS = Tokens.of(new long[] {3, 1, 4}, new long[] {1, 5, 9});

    @TempDir
    private Path folder;

    private Path file() {
        return folder.resolve("cache.safetensors");
    }

    @Test
    void what_was_written_comes_back_as_a_cache_bit_for_bit() throws IOException {
        try (HookedTransformer demo = Lens.load("demo");
                Run run = demo.run(TOKENS, RunOptions.defaults().withTokens().withCached("*"))) {
            CacheWriter.of(run.cache()).with("logits", run.logits()).write(file());
            try (ActivationCache read = ActivationCache.open(file(), demo.hooks())) {
                assertThat(read.bytes()).isZero();
                assertThat(read.tokens().ids(1)).containsExactly(1L, 5L, 9L);
                assertThat(read.names().subList(0, run.cache().size()))
                        .isEqualTo(run.cache().names());
                for (ActivationCache.Entry entry : run.cache().entries()) {
                    NDArray back = read.get(entry.name());
                    assertThat(back.getShape()).isEqualTo(entry.tensor().getShape());
                    assertThat(back.toByteBuffer())
                            .as(entry.name())
                            .isEqualTo(entry.tensor().toByteBuffer());
                }
                assertThat(read.get("logits").toByteBuffer())
                        .isEqualTo(run.logits().toByteBuffer());
                assertThat(read.get("resid_post", -1))
                        .isSameAs(read.get("blocks." + (demo.config().nLayers() - 1) + ".hook_resid_post"));
                assertThat(read.get("pattern1", Map.of("head", Slice.at(0))).getShape())
                        .isEqualTo(new Shape(2, 3, 3));
                try (ActivationCache one = read.batchSlice(Slice.at(1))) {
                    assertThat(one.get("logits").getShape())
                            .isEqualTo(run.logits().getShape().slice(1));
                }
            }
        }
    }

    @Test
    void without_the_model_names_still_fire_in_order_and_layers_count_from_0() throws IOException {
        try (HookedTransformer demo = Lens.load("demo");
                ActivationCache cache = demo.cache(TOKENS, "*")) {
            CacheWriter.of(cache).write(file());
            Map<String, SafetensorsWriter.Floats> sorted = new LinkedHashMap<>();
            cache.names().stream()
                    .sorted()
                    .forEach(it -> sorted.put(
                            it,
                            new SafetensorsWriter.Floats(
                                    cache.get(it).getShape().getShape(),
                                    cache.get(it).toFloatArray())));
            SafetensorsWriter.write(folder.resolve("sorted.safetensors"), sorted);
            try (ActivationCache read = ActivationCache.open(file());
                    ActivationCache unordered = ActivationCache.open(folder.resolve("sorted.safetensors"))) {
                assertThat(read.names()).isEqualTo(cache.names());
                assertThat(unordered.names()).isEqualTo(cache.names());
                assertThat(read.get("pattern1").toFloatArray())
                        .isEqualTo(cache.get("pattern1").toFloatArray());
                assertThatThrownBy(() -> read.get("pattern", -1))
                        .isInstanceOf(StateException.class)
                        .hasMessageStartingWith(
                                "Layer -1 counts from the end, and this file does not say how many layers the model has.");
                assertThatThrownBy(unordered::tokens).isInstanceOf(StateException.class);
            }
        }
    }

    @Test
    void a_float16_cache_is_written_and_read_in_half_the_bytes() throws IOException {
        try (HookedTransformer demo = Lens.load("demo");
                ActivationCache half =
                        demo.cache(TOKENS, RunOptions.defaults().withCached("*").withFloat16Cache())) {
            CacheWriter.of(half).write(file());
            Safetensors written = Safetensors.open(file());
            assertThat(written.entry("hook_embed").type()).isEqualTo(StoredType.F16);
            try (ActivationCache read = ActivationCache.open(file())) {
                for (String name : half.names()) {
                    assertThat(read.get(name).toByteBuffer())
                            .as(name)
                            .isEqualTo(half.get(name).toByteBuffer());
                }
            }
        }
    }

    @Test
    void half_precision_and_short_integers_are_widened() throws IOException {
        short[] bfloats = {0x3f80, (short) 0xc000, 0x7f80};
        SafetensorsWriter.write(
                file(),
                Map.of(
                        "hook_embed", stored(StoredType.BF16, bfloats),
                        "hook_pos_embed", stored(StoredType.F16, new short[] {0x3c00, (short) 0xc000, 0x0001}),
                        "hook_tokens",
                                new SafetensorsWriter.Streamed(new long[] {1, 2}, StoredType.I32, (from, count) -> {
                                    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
                                    return bytes.putInt(7).putInt(-1).flip();
                                })));
        try (ActivationCache read = ActivationCache.open(file())) {
            assertThat(read.get("hook_embed").toFloatArray()).containsExactly(1, -2, Float.POSITIVE_INFINITY);
            assertThat(read.get("hook_pos_embed").toFloatArray()).containsExactly(1, -2, 0x1p-24f);
            assertThat(read.get("hook_tokens").toLongArray()).containsExactly(7, -1);
            assertThat(read.get("hook_embed").getDataType()).isEqualTo(DataType.FLOAT32);
        }
    }

    private static SafetensorsWriter.Streamed stored(StoredType type, short[] values) {
        return new SafetensorsWriter.Streamed(new long[] {1, 1, values.length}, type, (from, count) -> {
            ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
            for (short value : values) {
                bytes.putShort(value);
            }
            return bytes.flip();
        });
    }

    @Test
    void a_file_without_activations_is_refused() throws IOException {
        SafetensorsWriter.write(
                file(), Map.of("tokens", new SafetensorsWriter.Longs(new long[] {1, 2}, new long[] {1, 2})));
        assertThatThrownBy(() -> ActivationCache.open(file()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageEndingWith(
                        "holds no activations besides [tokens]. Write one with CacheWriter, or ./lens cache.");
        assertThat(List.of(folder.toFile().list())).containsExactly("cache.safetensors");
    }
}
