package org.lens4j.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.Lens;
import org.lens4j.error.RangeException;
import org.lens4j.error.StateException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Metric;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Slice;
import org.lens4j.text.Tokens;

class CacheBudgetTest {
    private static final Tokens TOKENS = Tokens.of(new long[] {3, 1, 4, 1, 5, 9}, new long[] {2, 6, 5, 3, 5, 8});
    private static final RunOptions EVERYTHING =
            RunOptions.defaults().withTokens().withCached("*");

    private static HookedTransformer demo;

    @TempDir
    private Path folder;

    @BeforeAll
    static void load() {
        demo = Lens.load("demo");
    }

    @AfterAll
    static void close() {
        demo.close();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private CacheBudget budget(long bytes) {
        return CacheBudget.ofBytes(bytes).in(folder);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1_000, 20_000, 100_000})
    void what_is_over_the_budget_comes_back_bit_for_bit_and_leaves_no_file(long bytes) throws IOException {
        try (ActivationCache whole = demo.cache(TOKENS, EVERYTHING);
                ActivationCache small = demo.cache(TOKENS, EVERYTHING.withCacheBudget(budget(bytes)))) {
            assertThat(whole.bytes()).isGreaterThan(bytes);
            assertThat(whole.spilledBytes()).isZero();
            assertThat(small.bytes()).isLessThanOrEqualTo(bytes);
            assertThat(small.spilledBytes() + small.bytes()).isEqualTo(whole.bytes());
            assertThat(files()).hasSize(1);
            long largest = 0;
            for (int round = 0; round < 2; round++) {
                for (String name : whole.names()) {
                    NDArray expected = whole.get(name);
                    NDArray found = small.get(name);
                    assertThat(found.getDataType()).isEqualTo(expected.getDataType());
                    assertThat(found.getShape()).isEqualTo(expected.getShape());
                    assertThat(found.toByteBuffer()).as(name).isEqualTo(expected.toByteBuffer());
                    largest = Math.max(largest, found.toByteBuffer().remaining());
                    assertThat(small.bytes()).isLessThanOrEqualTo(Math.max(bytes, largest));
                }
            }
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void a_tensor_that_was_given_up_is_an_error_and_never_a_wrong_number() {
        try (ActivationCache small = demo.cache(TOKENS, EVERYTHING.withCacheBudget(budget(0)))) {
            NDArray first = small.get("pattern0");
            float[] values = first.toFloatArray();
            small.get("pattern1");
            assertThatThrownBy(first::toFloatArray).isInstanceOf(IllegalStateException.class);
            assertThat(small.get("pattern0").toFloatArray()).isEqualTo(values);
        }
    }

    @Test
    void gradients_spill_too() {
        RunOptions options =
                RunOptions.defaults().withCached("*hook_resid_post", "*pattern").withMetric(Metric.loss());
        try (Run whole = demo.run(TOKENS, options);
                Run small = demo.run(TOKENS, options.withCacheBudget(budget(100)))) {
            assertThat(small.cache().names())
                    .isEqualTo(whole.cache().names())
                    .contains("blocks.0.hook_resid_post_grad");
            assertThat(small.cache().spilledBytes()).isPositive();
            for (String name : whole.cache().names()) {
                assertThat(small.cache().get(name).toFloatArray())
                        .isEqualTo(whole.cache().get(name).toFloatArray());
            }
            assertThat(small.cache().get("resid_post0_grad"))
                    .isSameAs(small.cache().get("blocks.0.hook_resid_post_grad"));
        }
    }

    @Test
    void a_float16_cache_spills_half_the_bytes() {
        try (ActivationCache half = demo.cache(TOKENS, EVERYTHING.withFloat16Cache());
                ActivationCache small =
                        demo.cache(TOKENS, EVERYTHING.withFloat16Cache().withCacheBudget(budget(0)))) {
            assertThat(small.spilledBytes()).isEqualTo(half.bytes());
            for (String name : half.names()) {
                assertThat(small.get(name).toByteBuffer())
                        .isEqualTo(half.get(name).toByteBuffer());
            }
        }
    }

    @Test
    void parts_of_the_batch_and_a_file_are_made_of_a_spilled_cache() throws IOException {
        try (ActivationCache whole = demo.cache(TOKENS, EVERYTHING);
                ActivationCache small = demo.cache(TOKENS, EVERYTHING.withCacheBudget(budget(0)));
                ActivationCache part = small.batchSlice(Slice.at(1))) {
            CacheWriter.of(small).write(folder.resolve("small.safetensors"));
            CacheWriter.of(whole).write(folder.resolve("whole.safetensors"));
            assertThat(folder.resolve("small.safetensors")).hasSameBinaryContentAs(folder.resolve("whole.safetensors"));
            try (ActivationCache expected = whole.batchSlice(Slice.at(1))) {
                for (String name : expected.names()) {
                    assertThat(part.get(name).toByteBuffer())
                            .isEqualTo(expected.get(name).toByteBuffer());
                }
            }
        }
    }

    @Test
    void an_interrupted_thread_still_reads_what_was_spilled() {
        try (ActivationCache small = demo.cache(TOKENS, EVERYTHING.withCacheBudget(budget(0)))) {
            Thread.currentThread().interrupt();
            small.get("pattern0");
            assertThat(Thread.interrupted()).isTrue();
            assertThat(small.get("pattern1").isReleased()).isFalse();
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void a_run_that_fails_leaves_no_file() throws IOException {
        RunOptions failing = EVERYTHING
                .withCacheBudget(budget(0))
                .withHooks(org.lens4j.hook.Hooks.none().observe("blocks.1.hook_resid_post", (name, x) -> {
                    throw new IllegalStateException("enough");
                }));
        assertThatThrownBy(() -> demo.cache(TOKENS, failing)).hasMessageContaining("enough");
        assertThat(files()).isEmpty();
    }

    @Test
    void a_plan_says_before_the_run_what_goes_into_the_file() {
        CacheOptions tiny = CacheOptions.defaults().with(budget(50_000));
        CachePlan plan = CachePlan.of(demo.hooks(), List.of("*"), EVERYTHING.gates(), 2, 6);
        try (ActivationCache small = demo.cache(TOKENS, EVERYTHING.withCacheBudget(tiny.budget()))) {
            assertThat(plan.bytes(tiny)).isEqualTo(small.bytes() + small.spilledBytes());
            assertThat(small.spilledBytes()).isGreaterThanOrEqualTo(plan.spilledBytes(tiny));
        }
        assertThat(plan.peakBytes()).isGreaterThan(plan.bytes());
        assertThat(plan.peakBytes(tiny)).isEqualTo(50_000 + plan.passing());
        assertThat(plan.check(tiny)).isSameAs(plan);
        assertThat(plan.line(tiny))
                .startsWith("%,d activations of 2 × 6 tokens take "
                        .formatted(plan.activations().size()))
                .contains("the largest is ")
                .contains("Over the budget of 50.0 kB: about ");
        assertThat(plan.line(CacheOptions.defaults())).doesNotContain("Over the budget");
    }

    @Test
    void a_plan_that_fits_nowhere_is_refused_before_the_run() {
        CachePlan plan = CachePlan.of(demo.hooks(), List.of("*"), java.util.Set.of(), 1 << 20, 1 << 10);
        assertThatThrownBy(() -> plan.check(CacheOptions.defaults().with(budget(1 << 20))))
                .isInstanceOf(StateException.class)
                .hasMessageMatching(
                        "These \\d+ activations take .* MB \\(the largest: blocks.* MB\\), the budget is 1.0 MB, and .* MB left for the rest\\. Cache fewer .*");
    }

    @Test
    void a_folder_that_is_not_there_is_named() {
        RunOptions options = EVERYTHING.withCacheBudget(CacheBudget.ofBytes(0).in(folder.resolve("missing")));
        assertThatThrownBy(() -> demo.cache(TOKENS, options))
                .isInstanceOf(StateException.class)
                .hasMessageContaining("no temporary file could be made in " + folder.resolve("missing"));
    }

    @Test
    void a_negative_budget_is_refused() {
        assertThatThrownBy(() -> CacheBudget.ofBytes(-1))
                .isInstanceOf(RangeException.class)
                .hasMessage("A cache has a budget of -1 bytes. Give 0 or more.");
    }
}
