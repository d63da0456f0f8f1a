package org.lens4j.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.Lens;
import org.lens4j.error.UsageException;
import org.lens4j.hook.Gate;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;
import org.lens4j.weights.StoredType;

class CacheWriterTest {
    private static final Tokens TOKENS = Tokens.of(new long[] {3, 1, 4}, new long[] {1, 5, 9});

    private static float[] floats(Safetensors file, String name) {
        FloatBuffer stored = file.bytes(name).asFloatBuffer();
        float[] values = new float[stored.remaining()];
        stored.get(values);
        return values;
    }

    @Test
    void every_activation_comes_back_bit_for_bit(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("new/cache.safetensors");
        try (HookedTransformer demo = Lens.load("demo");
                Run run = demo.run(
                        TOKENS,
                        RunOptions.defaults().withTokens().withAttnResult().withCached("*"))) {
            CacheWriter.of(run.cache()).with("logits", run.logits()).write(file);
            Safetensors written = Safetensors.open(file);
            assertThat(written.names()).startsWith("tokens", "logits", "hook_tokens", "hook_embed");
            assertThat(written.names()).hasSize(run.cache().size() + 2);
            for (String name : run.cache().names()) {
                NDArray tensor = run.cache().get(name);
                assertThat(written.entry(name).dimensions())
                        .isEqualTo(tensor.getShape().getShape());
                if (!name.equals("hook_tokens")) {
                    assertThat(floats(written, name)).as(name).isEqualTo(tensor.toFloatArray());
                }
            }
            assertThat(floats(written, "logits")).isEqualTo(run.logits().toFloatArray());
        }
    }

    @Test
    void token_ids_are_written_as_int64(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("cache.safetensors");
        try (HookedTransformer demo = Lens.load("demo");
                ActivationCache cache =
                        demo.cache(TOKENS, RunOptions.defaults().withTokens().withCached("hook_tokens"))) {
            CacheWriter.of(cache).write(file);
        }
        Safetensors written = Safetensors.open(file);
        for (String name : List.of("tokens", "hook_tokens")) {
            assertThat(written.entry(name).type()).isEqualTo(StoredType.I64);
            assertThat(written.entry(name).shape()).containsExactly(2L, 3L);
            LongBuffer ids = written.bytes(name).asLongBuffer();
            long[] values = new long[6];
            ids.get(values);
            assertThat(values).containsExactly(3, 1, 4, 1, 5, 9);
        }
    }

    @Test
    void a_name_is_written_once() {
        try (HookedTransformer demo = Lens.load("demo");
                Run run = demo.runWithCache(TOKENS, "hook_embed")) {
            CacheWriter writer = CacheWriter.of(run.cache());
            assertThatThrownBy(() -> writer.with("hook_embed", run.logits()))
                    .isInstanceOf(UsageException.class)
                    .hasMessage("The file has a tensor \"hook_embed\" already. Give this one another name.");
        }
    }

    @Test
    void a_plan_counts_the_bytes_a_run_really_keeps() {
        RunOptions options = RunOptions.defaults().withTokens().withMlpIn().withCached("*");
        try (HookedTransformer demo = Lens.load("demo");
                Run run = demo.run(TOKENS, options)) {
            CachePlan plan = CachePlan.of(demo.hooks(), List.of("*"), options.gates(), 2, 3);
            assertThat(plan.bytes()).isEqualTo(run.cache().bytes());
            assertThat(plan.activations()).hasSameSizeAs(run.cache().names());
            assertThat(plan.bytesPerToken()).isEqualTo(run.cache().bytes() / 6);
            assertThat(CachePlan.of(demo.hooks(), List.of("*"), Set.of(Gate.MLP_IN), 2, 3)
                            .bytes())
                    .isEqualTo(plan.bytes() - 6 * Long.BYTES);
        }
    }
}
