package org.lens4j.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lens4j.Lens;
import org.lens4j.error.RangeException;
import org.lens4j.error.StateException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Scope;
import org.lens4j.tensor.Slice;
import org.lens4j.text.Tokens;

class ActivationCacheTest {
    private static final Tokens TWO = Tokens.of(new long[] {3, 1, 4, 1}, new long[] {1, 5, 9, 2});
    private static final String PATTERN = "blocks.1.attn.hook_pattern";

    private static HookedTransformer demo;
    private static ActivationCache all;

    @BeforeAll
    static void load() {
        demo = Lens.load("demo");
        all = demo.cache(TWO, "*");
    }

    @AfterAll
    static void close() {
        all.close();
        demo.close();
    }

    @Test
    void short_names_and_layers_give_the_same_tensor_as_the_full_name() {
        int last = demo.config().nLayers() - 1;
        assertThat(all.get("pattern1")).isSameAs(all.get(PATTERN));
        assertThat(all.get("attn", 1)).isSameAs(all.get(PATTERN));
        assertThat(all.get("scale1ln1")).isSameAs(all.get("blocks.1.ln1.hook_scale"));
        assertThat(all.get("post", 0, "mlp")).isSameAs(all.get("blocks.0.mlp.hook_post"));
        assertThat(all.get("resid_post", -1)).isSameAs(all.get("blocks." + last + ".hook_resid_post"));
        assertThat(all.get("k-1")).isSameAs(all.get("blocks." + last + ".attn.hook_k"));
        assertThat(all.get("normalized")).isSameAs(all.get("ln_final.hook_normalized"));
    }

    @Test
    void a_wrong_short_name_says_what_was_asked_and_the_closest() {
        assertThatThrownBy(() -> all.get("patern1"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageStartingWith(
                        "Unknown cached activation \"blocks.1.hook_patern\" in this cache (asked for as \"patern1\"). Closest of ")
                .hasMessageContaining(PATTERN)
                .hasMessageEndingWith("Ask for it when you cache.");
        assertThatThrownBy(() -> all.get("resid_post", -99))
                .isInstanceOf(RangeException.class)
                .hasMessageStartingWith("Layer -99 is asked for, and the model has "
                        + demo.config().nLayers() + ".");
    }

    @Test
    void the_last_layer_is_the_models_even_where_it_was_not_cached() {
        try (ActivationCache one = demo.cache(TWO, "blocks.0.hook_resid_post")) {
            assertThatThrownBy(() -> one.get("resid_post", -1)).isInstanceOf(UnknownNameException.class);
            assertThat(one.get("resid_post", -demo.config().nLayers())).isSameAs(one.get("resid_post0"));
        }
    }

    @Test
    void slices_are_taken_by_the_names_of_axes() {
        float[] whole = all.get(PATTERN).toFloatArray();
        int heads = demo.config().nHeads();
        NDArray part = all.get("pattern1", Map.of("head", Slice.at(1), "query_pos", Slice.range(1, 3)));
        assertThat(part.getShape()).isEqualTo(new Shape(2, 2, 4));
        float[] values = part.toFloatArray();
        for (int batch = 0; batch < 2; batch++) {
            for (int query = 1; query < 3; query++) {
                for (int key = 0; key < 4; key++) {
                    assertThat(values[(batch * 2 + query - 1) * 4 + key])
                            .isEqualTo(whole[((batch * heads + 1) * 4 + query) * 4 + key]);
                }
            }
        }
        assertThatThrownBy(() -> all.get("pattern1", Map.of("pos", Slice.at(0))))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Unknown axis \"pos\" in " + PATTERN)
                .hasMessageContaining("query_pos");
    }

    @Test
    void entries_come_in_firing_order() {
        List<String> names = new ArrayList<>();
        all.entries().forEach(it -> {
            names.add(it.name());
            assertThat(it.tensor()).isSameAs(all.get(it.name()));
        });
        List<String> firing = demo.hooks().all().stream().map(HookName::full).toList();
        assertThat(names)
                .containsExactlyElementsOf(
                        firing.stream().filter(names::contains).toList());
        assertThat(names).hasSize(all.size());
    }

    @Test
    void a_slice_of_the_batch_is_the_run_of_those_sequences() {
        try (ActivationCache second = all.batchSlice(Slice.from(1));
                ActivationCache dropped = all.batchSlice(Slice.at(-1))) {
            assertThat(second.tokens().ids(0)).containsExactly(1L, 5L, 9L, 2L);
            for (ActivationCache.Entry entry : second.entries()) {
                float[] both = all.get(entry.name()).toFloatArray();
                float[] mine = java.util.Arrays.copyOfRange(both, both.length / 2, both.length);
                assertThat(entry.tensor().toFloatArray()).as(entry.name()).isEqualTo(mine);
                assertThat(entry.tensor().getShape().get(0)).isEqualTo(1);
                assertThat(dropped.get(entry.name()).toFloatArray()).isEqualTo(mine);
                assertThat(dropped.shape(entry.name()).dimension())
                        .isEqualTo(entry.tensor().getShape().dimension() - 1);
            }
            assertThat(dropped.get("pattern1", Map.of("head", Slice.at(0))).getShape())
                    .isEqualTo(new Shape(4, 4));
        }
    }

    @Test
    void a_batch_of_one_loses_its_axis_and_no_other_does() {
        try (ActivationCache one = demo.cache(Tokens.of(new long[] {3, 1, 4}), PATTERN);
                ActivationCache bare = one.removeBatchDim()) {
            assertThat(bare.get("pattern1").getShape())
                    .isEqualTo(one.get(PATTERN).getShape().slice(1));
            assertThat(bare.get("pattern1").toFloatArray())
                    .isEqualTo(one.get(PATTERN).toFloatArray());
        }
        assertThatThrownBy(() -> all.removeBatchDim())
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "The batch axis has 2 sequences, and only one of size 1 can be removed. Take one of them: batchSlice(Slice.at(0)).");
    }

    @Test
    void a_part_is_closed_with_its_whole() {
        ActivationCache bare;
        try (ActivationCache one = demo.cache(Tokens.of(new long[] {3, 1, 4}), PATTERN)) {
            bare = one.removeBatchDim();
        }
        assertThatThrownBy(() -> bare.get("pattern1")).isInstanceOf(StateException.class);
    }

    @Test
    void float16_halves_the_memory_and_is_widened_when_it_is_asked_for() {
        for (RunOptions options : List.of(
                RunOptions.defaults().withCached("*"),
                RunOptions.defaults().withCached("*").withFloat16Cache())) {
            try (ActivationCache half = demo.cache(TWO, options).toFloat16()) {
                assertThat(half.bytes()).isEqualTo(all.bytes() / 2);
                for (String name : List.of(PATTERN, "hook_embed", "blocks.0.attn.hook_attn_scores")) {
                    NDArray tensor = half.get(name);
                    assertThat(tensor.getDataType()).isEqualTo(DataType.FLOAT32);
                    float[] exact = all.get(name).toFloatArray();
                    float[] rounded = tensor.toFloatArray();
                    for (int i = 0; i < exact.length; i++) {
                        if (Float.isInfinite(exact[i])) {
                            assertThat(rounded[i]).isEqualTo(exact[i]);
                        } else {
                            assertThat(rounded[i]).isCloseTo(exact[i], within(Math.abs(exact[i]) / 1024 + 1e-7f));
                        }
                    }
                }
            }
        }
    }

    @Test
    void what_float16_cannot_hold_stays_float32() {
        HookName name = demo.hooks().named("hook_embed");
        try (Scope outside = Scope.root();
                ActivationCache cache = new ActivationCache(
                        Scope.root(),
                        TWO,
                        demo.hooks(),
                        java.util.Set.of(),
                        CacheOptions.defaults().withFloat16())) {
            cache.keep(name, outside.floats(new float[] {70_000, 1e-3f}, new Shape(2)));
            assertThat(cache.get("hook_embed").toFloatArray()).containsExactly(70_000, 1e-3f);
        }
    }

    @Test
    void a_heap_cache_has_the_same_numbers_and_leaves_no_native_memory() {
        ActivationCache cache =
                demo.cache(TWO, RunOptions.defaults().withTokens().withCached("*"));
        HeapCache heap = cache.toHeap();
        assertThatThrownBy(() -> cache.get(PATTERN)).isInstanceOf(StateException.class);
        assertThat(cache.bytes()).isZero();
        for (String name : all.names()) {
            assertThat(heap.get(name).values()).isEqualTo(all.get(name).toFloatArray());
        }
        assertThat(heap.get("attn", -1).shape())
                .containsExactly(2L, (long) demo.config().nHeads(), 4L, 4L);
        assertThat(heap.get("hook_tokens").at(1, -2)).isEqualTo(9);
        assertThat(heap.get("pattern1").at(1, 0, 2, 1))
                .isEqualTo(all.get(PATTERN).getFloat(1, 0, 2, 1));
        assertThatThrownBy(() -> heap.get("patern1")).isInstanceOf(UnknownNameException.class);
    }

    @Test
    void a_copy_outlives_the_cache() {
        try (Scope scope = Scope.root()) {
            NDArray copy;
            float[] expected;
            try (ActivationCache cache = demo.cache(TWO, PATTERN)) {
                copy = cache.copy("pattern1", scope);
                expected = cache.get(PATTERN).toFloatArray();
            }
            assertThat(copy.toFloatArray()).isEqualTo(expected);
        }
    }
}
