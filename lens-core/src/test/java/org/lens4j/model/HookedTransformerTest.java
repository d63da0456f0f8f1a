package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lens4j.Fixtures;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.HookFailedException;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.error.StateException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.Hooks;
import org.lens4j.text.Tokens;

class HookedTransformerTest {
    private static final Tokens TOKENS = Tokens.of(new long[] {5, 17, 2, 99, 41, 8});

    private static HookedTransformer model;

    @BeforeAll
    static void load() {
        model = Fixtures.raw(Fixtures.committed("gpt2"));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static float[] logits(Hooks hooks) {
        try (Run run = model.runWithHooks(TOKENS, hooks)) {
            return run.logits().toFloatArray();
        }
    }

    @Test
    void hooks_that_give_back_what_they_got_change_nothing() {
        Fixtures.assertSame("logits", logits(Hooks.none()), logits(Hooks.none().edit("*", (x, at) -> x)));
    }

    @Test
    void every_point_fires_once_in_the_catalogues_order_with_its_shape() {
        List<String> fired = new ArrayList<>();
        List<String> listed = new ArrayList<>();
        try (Run run = model.runWithHooks(TOKENS, Hooks.none().observe("*", (x, at) -> {
            fired.add(at.full());
            assertThat(x.getShape()).as(at.full()).isEqualTo(model.hooks().shape(at, 1, TOKENS.pos()));
        }))) {
            for (HookName name : model.hooks().all()) {
                if (name.point().gate().isEmpty()) {
                    listed.add(name.full());
                }
            }
            assertThat(run.logits().getShape()).isEqualTo(new Shape(1, 6, 113));
        }
        assertThat(fired).isEqualTo(listed);
    }

    @Test
    void a_hook_sees_what_the_hook_before_it_left() {
        Hooks hooks = Hooks.none()
                .edit("blocks.0.hook_resid_pre", (x, at) -> x.zerosLike())
                .observe("blocks.0.hook_resid_pre", (x, at) -> assertThat(x.toFloatArray())
                        .containsOnly(0f));
        assertThat(logits(hooks)).isNotEqualTo(logits(Hooks.none()));
    }

    @Test
    void an_edit_in_place_reaches_the_rest_of_the_run_and_nothing_cached_before() {
        Hooks hooks = Hooks.none().edit("blocks.1.hook_resid_pre", (x, at) -> {
            x.subi(x);
            return x;
        });
        RunOptions options = RunOptions.defaults()
                .withHooks(hooks)
                .withCached("blocks.0.hook_resid_post", "blocks.1.hook_resid_pre");
        try (Run edited = model.run(TOKENS, options);
                Run clean = model.runWithCache(TOKENS, "blocks.0.hook_resid_post")) {
            assertThat(edited.cache().get("blocks.1.hook_resid_pre").toFloatArray())
                    .containsOnly(0f);
            assertThat(edited.cache().get("blocks.0.hook_resid_post").toFloatArray())
                    .isEqualTo(clean.cache().get("blocks.0.hook_resid_post").toFloatArray());
        }
    }

    @Test
    void a_replacement_from_java_memory_survives_a_garbage_collection() {
        float[] ones = new float[6 * 32];
        java.util.Arrays.fill(ones, 1f);
        Hooks hooks = Hooks.none()
                .edit("blocks.2.hook_mlp_out", (x, at) -> x.getManager().create(ones, x.getShape()));
        try (Run run = model.run(TOKENS, RunOptions.defaults().withHooks(hooks).withCached("blocks.2.hook_mlp_out"))) {
            System.gc();
            assertThat(run.cache().get("blocks.2.hook_mlp_out").toFloatArray()).containsOnly(1f);
        }
    }

    @Test
    void a_hook_that_throws_is_named_and_leaves_no_hook_behind() {
        Hooks failing = Hooks.none().edit("blocks.1.attn.hook_pattern", (x, at) -> {
            throw new IllegalStateException("my mistake");
        });
        float[] before = logits(Hooks.none());
        assertThatThrownBy(() -> model.runWithHooks(TOKENS, failing))
                .isInstanceOf(HookFailedException.class)
                .hasMessageContaining("The hook on blocks.1.attn.hook_pattern threw")
                .hasMessageContaining("my mistake");
        assertThat(logits(Hooks.none())).isEqualTo(before);
    }

    @Test
    void a_replacement_of_another_shape_is_refused_with_its_axes() {
        Hooks hooks = Hooks.none().edit("blocks.1.attn.hook_z", (x, at) -> x.get(":, 1:"));
        assertThatThrownBy(() -> model.runWithHooks(TOKENS, hooks))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining(
                        "[batch=1 pos=5 head=4 d_head=8] in place of float32 [batch=1 pos=6 head=4 d_head=8]");
    }

    @Test
    void a_replacement_of_another_type_is_refused() {
        Hooks hooks = Hooks.none().edit("blocks.1.attn.hook_z", (x, at) -> x.toType(DataType.FLOAT64, true));
        assertThatThrownBy(() -> model.runWithHooks(TOKENS, hooks))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("float64");
    }

    @Test
    void an_unknown_hook_is_refused_before_anything_runs() {
        List<String> fired = new ArrayList<>();
        Hooks hooks = Hooks.none()
                .observe("hook_embed", (x, at) -> fired.add(at.full()))
                .observe("blocks.0.hook_z", (x, at) -> {});
        assertThatThrownBy(() -> model.runWithHooks(TOKENS, hooks))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Unknown hook point \"blocks.0.hook_z\" in gpt2. Closest of ")
                .hasMessageContaining("blocks.0.attn.hook_z");
        assertThat(fired).isEmpty();
    }

    @Test
    void a_point_that_is_off_is_refused_and_names_its_switch() {
        assertThatThrownBy(() -> model.runWithCache(TOKENS, "blocks.1.attn.hook_result"))
                .isInstanceOf(UsageException.class)
                .hasMessage("blocks.1.attn.hook_result is off for this run: it costs extra memory."
                        + " Turn it on: RunOptions.defaults().withAttnResult().");
        assertThatThrownBy(() -> model.runWithCache(TOKENS, "blocks.*.hook_q_input"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("withSplitQkvInput()");
    }

    @Test
    void caching_stops_after_the_last_block_it_needs() {
        List<String> fired = new ArrayList<>();
        RunOptions options = RunOptions.defaults()
                .withHooks(Hooks.none().observe("*", (x, at) -> fired.add(at.full())))
                .withCached("blocks.0.hook_resid_post");
        try (ActivationCache cache = model.cache(TOKENS, options);
                Run run = model.runWithCache(TOKENS, "blocks.0.hook_resid_post")) {
            assertThat(fired).isNotEmpty().noneMatch(it -> it.startsWith("blocks.1.") || it.startsWith("ln_final"));
            Fixtures.assertSame(
                    "blocks.0.hook_resid_post",
                    run.cache().get("blocks.0.hook_resid_post").toFloatArray(),
                    cache.get("blocks.0.hook_resid_post").toFloatArray());
        }
    }

    @Test
    void caching_the_final_norm_runs_all_blocks() {
        try (ActivationCache cache = model.cache(TOKENS, "ln_final.hook_normalized", "hook_embed");
                Run run = model.runWithCache(TOKENS)) {
            Fixtures.assertSame(
                    "ln_final.hook_normalized",
                    run.cache().get("ln_final.hook_normalized").toFloatArray(),
                    cache.get("ln_final.hook_normalized").toFloatArray());
            assertThat(cache.names()).containsExactly("hook_embed", "ln_final.hook_normalized");
        }
    }

    @Test
    void reading_the_last_residual_stream_gives_the_logits() {
        try (Run run = model.runWithCache(TOKENS, "blocks.2.hook_resid_post");
                NDArray lens = model.unembed(run.cache().get("blocks.2.hook_resid_post"))) {
            assertThat(lens.toFloatArray()).isEqualTo(run.logits().toFloatArray());
        }
    }

    @Test
    void the_future_does_not_change_the_past() {
        try (Run whole = model.run(TOKENS);
                Run part = model.run(Tokens.of(new long[] {5, 17, 2}));
                NDArray start = whole.logits().get(":, 0:3")) {
            float[] expected = part.logits().toFloatArray();
            float[] actual = start.toFloatArray();
            for (int i = 0; i < expected.length; i++) {
                assertThat(actual[i]).isCloseTo(expected[i], org.assertj.core.data.Offset.offset(1e-4f));
            }
        }
    }

    @Test
    void a_sequence_alone_and_in_a_batch_gives_the_same() {
        try (Run both = model.run(Tokens.of(new long[] {5, 17, 2}, new long[] {9, 9, 1}));
                Run alone = model.run(Tokens.of(new long[] {9, 9, 1}));
                NDArray second = both.logits().get("1:2")) {
            float[] expected = alone.logits().toFloatArray();
            float[] actual = second.toFloatArray();
            for (int i = 0; i < expected.length; i++) {
                assertThat(actual[i]).isCloseTo(expected[i], org.assertj.core.data.Offset.offset(1e-4f));
            }
        }
    }

    @Test
    void a_prompt_longer_than_the_context_is_refused() {
        assertThatThrownBy(() -> model.run(Tokens.of(new long[65])))
                .isInstanceOf(RangeException.class)
                .hasMessage("The prompt has 65 tokens, and gpt2 reads at most 64 (n_ctx). Shorten it by 1.");
    }

    @Test
    void an_id_outside_the_vocabulary_is_refused() {
        assertThatThrownBy(() -> model.run(Tokens.of(new long[] {3, 113})))
                .isInstanceOf(RangeException.class)
                .hasMessageContaining("Token id 113 is outside the vocabulary of gpt2, which has ids 0 to 112.");
    }

    @Test
    void text_without_a_tokenizer_is_refused() {
        assertThatThrownBy(() -> model.tokens("hello"))
                .isInstanceOf(StateException.class)
                .hasMessageContaining("gpt2 has no tokenizer.json");
    }

    @Test
    void gradient_mode_is_as_before_after_a_run_and_after_a_failure() {
        boolean before = JniUtils.isGradMode();
        try {
            for (boolean on : new boolean[] {true, false}) {
                JniUtils.setGradMode(on);
                logits(Hooks.none());
                assertThat(JniUtils.isGradMode()).isEqualTo(on);
                assertThatThrownBy(() -> logits(Hooks.none().observe("hook_embed", (x, at) -> {
                            throw new IllegalStateException("x");
                        })))
                        .isInstanceOf(HookFailedException.class);
                assertThat(JniUtils.isGradMode()).isEqualTo(on);
            }
        } finally {
            JniUtils.setGradMode(before);
        }
    }

    @Test
    void two_threads_on_one_model_give_what_one_gives() throws Exception {
        float[] expected = logits(Hooks.none());
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Callable<float[]>> tasks = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                tasks.add(() -> logits(Hooks.none()));
            }
            for (Future<float[]> result : threads.invokeAll(tasks)) {
                assertThat(result.get()).isEqualTo(expected);
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void runs_leave_nothing_among_the_weights() {
        int before = model.parameters().scope().size();
        for (int i = 0; i < 20; i++) {
            logits(Hooks.none());
            model.cache(TOKENS, "*").close();
            model.loss(TOKENS);
        }
        assertThat(model.parameters().scope().size()).isEqualTo(before);
    }

    @Test
    void a_parameter_can_be_computed_with_and_dies_with_the_model() {
        HookedTransformer own = Fixtures.raw(Fixtures.committed("gpt2"));
        NDArray wQ = own.parameter("blocks.0.attn.W_Q");
        NDArray wK = own.parameter("blocks.0.attn.W_K");
        // The QK circuit of each head, [head d_model d_model].
        NDArray circuit = wQ.matMul(wK.transpose(0, 2, 1));
        assertThat(circuit.getShape()).isEqualTo(new Shape(4, 32, 32));
        assertThat(wQ.toFloatArray()).hasSize(4 * 32 * 8);
        assertThatThrownBy(() -> own.parameter("blocks.0.attn.Q"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("blocks.0.attn.W_Q");
        own.close();
        assertThat(circuit.isReleased()).isTrue();
    }

    @Test
    void a_closed_model_says_so() {
        HookedTransformer own = Fixtures.raw(Fixtures.committed("gpt2"));
        own.close();
        assertThatThrownBy(() -> own.run(TOKENS))
                .isInstanceOf(StateException.class)
                .hasMessage("gpt2 is closed, and its weights are gone. Load it again.");
        assertThatThrownBy(() -> own.cache(TOKENS, "hook_embed")).isInstanceOf(StateException.class);
    }

    @Test
    void closing_a_run_frees_its_tensors() {
        Run run = model.runWithCache(TOKENS, "*");
        NDArray logits = run.logits();
        NDArray pattern = run.cache().get("blocks.0.attn.hook_pattern");
        run.close();
        assertThat(logits.isReleased()).isTrue();
        assertThat(pattern.isReleased()).isTrue();
        assertThatThrownBy(() -> run.cache().get("blocks.0.attn.hook_pattern"))
                .isInstanceOf(StateException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void a_cache_names_what_it_holds_when_asked_for_something_else() {
        try (ActivationCache cache = model.cache(TOKENS, "blocks.*.hook_resid_post")) {
            assertThatThrownBy(() -> cache.get("blocks.1.hook_resid_pre"))
                    .isInstanceOf(UnknownNameException.class)
                    .hasMessageContaining("cached activation \"blocks.1.hook_resid_pre\"")
                    .hasMessageContaining("blocks.1.hook_resid_post");
            assertThat(cache.bytes()).isEqualTo(3L * 6 * 32 * 4);
        }
    }
}
