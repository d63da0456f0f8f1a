package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.Fixtures;
import org.lens4j.LiveTensors;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.HookFailedException;
import org.lens4j.error.InterruptedRunException;
import org.lens4j.hook.Hooks;
import org.lens4j.text.Tokens;

/** Several threads on one model, several models at once, and threads that are interrupted. */
class ConcurrencyTest {
    private static final HookedTransformer MODEL = Fixtures.raw(Fixtures.committed("gpt2"));
    private static final HookedTransformer OTHER = Fixtures.raw(Fixtures.committed("gpt_neox"));
    private static final Tokens TOKENS = Tokens.of(new long[] {3, 1, 4, 1, 5, 9, 2, 6});
    private static final String[] POSTS = {
        "blocks.0.hook_resid_post", "blocks.1.hook_resid_post", "blocks.2.hook_resid_post"
    };
    private static final int ROUNDS = 40;

    @AfterAll
    static void close() {
        MODEL.close();
        OTHER.close();
    }

    @AfterEach
    void reset() {
        MODEL.resetAllHooks();
        Thread.interrupted();
    }

    /** Logits, and every activation. */
    private static List<float[]> forward(HookedTransformer model) {
        try (Run run = model.runWithCache(TOKENS)) {
            List<float[]> all = new ArrayList<>(List.of(run.logits().toFloatArray()));
            run.cache().entries().forEach(it -> all.add(it.tensor().toFloatArray()));
            return all;
        }
    }

    /** Logits, and gradients of the loss at the ends of all blocks and by a parameter, one of them edited. */
    private static List<float[]> backward(HookedTransformer model) {
        Hooks hooks = Hooks.none().editGradient("blocks.0.hook_attn_out", (gradient, at) -> gradient.zerosLike());
        String weight = "blocks.0.mlp.W_in";
        RunOptions options = RunOptions.defaults()
                .withMetric(Metric.loss())
                .withHooks(hooks)
                .withGradientsOf("blocks.*.hook_resid_post")
                .withParameterGradientsOf(weight);
        try (Run run = model.run(TOKENS, options)) {
            List<float[]> all = new ArrayList<>(List.of(
                    run.logits().toFloatArray(), run.parameterGradient(weight).toFloatArray()));
            run.cache().entries().forEach(it -> all.add(it.tensor().toFloatArray()));
            return all;
        }
    }

    private static void assertSame(List<float[]> expected, List<float[]> actual) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            // To the last bit: nothing of one run may reach another.
            assertThat(actual.get(i)).as("tensor %d", i).isEqualTo(expected.get(i));
        }
    }

    /** Does two things many times at once, each on a thread of its own, and holds every result to what it is alone. */
    private static void atOnce(Callable<List<float[]>> one, Callable<List<float[]>> two) throws Exception {
        int before = LiveTensors.count();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            CountDownLatch both = new CountDownLatch(2);
            List<Future<?>> ends = new ArrayList<>();
            for (Callable<List<float[]>> work : List.of(one, two)) {
                List<float[]> alone = work.call();
                ends.add(threads.submit(() -> {
                    boolean recording = JniUtils.isGradMode();
                    both.countDown();
                    both.await();
                    for (int i = 0; i < ROUNDS; i++) {
                        assertSame(alone, work.call());
                    }
                    assertThat(JniUtils.isGradMode()).isEqualTo(recording);
                    return "";
                }));
            }
            for (Future<?> end : ends) {
                end.get();
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(LiveTensors.count()).isEqualTo(before);
    }

    @Test
    void two_threads_on_one_model_compute_what_one_computes() throws Exception {
        atOnce(() -> forward(MODEL), () -> forward(MODEL));
    }

    @Test
    void two_models_compute_at_once_what_each_computes_alone() throws Exception {
        atOnce(() -> forward(MODEL), () -> forward(OTHER));
    }

    @Test
    void one_thread_goes_back_while_another_goes_forward() throws Exception {
        atOnce(() -> backward(MODEL), () -> forward(MODEL));
    }

    @Test
    void two_threads_go_back_through_one_model_and_through_two() throws Exception {
        atOnce(() -> backward(MODEL), () -> backward(MODEL));
        atOnce(() -> backward(MODEL), () -> backward(OTHER));
    }

    @Test
    void a_run_has_the_functions_that_were_there_when_it_began() throws Exception {
        List<float[]> plain = forward(MODEL);
        AtomicInteger called = new AtomicInteger();
        Hooks noting = Hooks.none().observe("*", (x, at) -> called.incrementAndGet());
        int points = plain.size() - 1;
        CountDownLatch attaching = new CountDownLatch(1);
        Thread attacher = new Thread(() -> {
            attaching.countDown();
            while (!Thread.currentThread().isInterrupted()) {
                MODEL.attach(noting).close();
            }
        });
        attacher.start();
        try {
            attaching.await();
            for (int i = 0; i < ROUNDS; i++) {
                called.set(0);
                assertThat(forward(MODEL).get(0)).hasSameSizeAs(plain.get(0));
                // All of them or none: never attached in the middle of a run.
                assertThat(called.get()).isIn(0, points);
            }
        } finally {
            attacher.interrupt();
            attacher.join();
        }
        assertSame(plain, forward(MODEL));
    }

    @Test
    void a_function_that_fails_in_one_thread_leaves_the_other_alone() throws Exception {
        Hooks fails = Hooks.none().edit("blocks.1.attn.hook_z", (z, at) -> {
            throw new IllegalStateException("mine");
        });
        List<float[]> nothing = List.of();
        atOnce(
                () -> {
                    assertThatThrownBy(() -> MODEL.runWithHooks(TOKENS, fails)).isInstanceOf(HookFailedException.class);
                    return nothing;
                },
                () -> forward(MODEL));
    }

    @ParameterizedTest
    @ValueSource(strings = {"blocks.0.hook_resid_pre", "blocks.1.attn.hook_pattern", "blocks.1.hook_resid_post"})
    void an_interrupted_pass_stops_before_its_next_block_and_leaves_nothing_behind(String where) {
        List<float[]> plain = forward(MODEL);
        int before = LiveTensors.count();
        List<String> fired = new ArrayList<>();
        Hooks interrupting = Hooks.none()
                .observe(where, (x, at) -> Thread.currentThread().interrupt())
                .observe("blocks.*.hook_resid_pre", (x, at) -> fired.add(at.full()));
        for (RunOptions options : List.of(
                RunOptions.defaults().withCached("*"),
                RunOptions.defaults().withMetric(Metric.loss()).withCached(POSTS))) {
            assertThatThrownBy(() -> MODEL.run(TOKENS, options.withHooks(interrupting)))
                    .isInstanceOf(InterruptedRunException.class)
                    .hasMessageMatching("The run was interrupted before block [12]\\. It left nothing behind, .*");
            // Whoever owns the thread must learn of it.
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(fired).doesNotContain("blocks.2.hook_resid_pre" + (where.startsWith("blocks.0") ? "" : " "));
        assertThat(LiveTensors.count()).isEqualTo(before);
        assertSame(plain, forward(MODEL));
    }

    @Test
    void an_interrupted_way_back_stops_and_leaves_nothing_behind() {
        List<float[]> plain = backward(MODEL);
        boolean recording = JniUtils.isGradMode();
        int before = LiveTensors.count();
        Hooks interrupting = Hooks.none()
                .observeGradient(POSTS[2], (x, at) -> Thread.currentThread().interrupt());
        RunOptions options = RunOptions.defaults()
                .withMetric(Metric.loss())
                .withGradientsOf(POSTS)
                .withHooks(interrupting);
        assertThatThrownBy(() -> MODEL.run(TOKENS, options))
                .isInstanceOf(InterruptedRunException.class)
                .hasMessageContaining("on the way back, at blocks.1.hook_resid_post");
        assertThat(Thread.interrupted()).isTrue();
        assertThat(JniUtils.isGradMode()).isEqualTo(recording);
        assertThat(LiveTensors.count()).isEqualTo(before);
        assertSame(plain, backward(MODEL));
    }

    @Test
    void a_pass_for_its_cache_alone_is_stopped_too_also_of_other_models() {
        HookedModel encoder = org.lens4j.load.Pretrained.load(
                        org.lens4j.hub.ModelFiles.ofDirectory(Fixtures.committed("bert")),
                        org.lens4j.load.LoadOptions.defaults())
                .hooked();
        try (encoder) {
            for (HookedModel model : List.of(MODEL, encoder)) {
                int before = LiveTensors.count();
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> model.cache(TOKENS, "blocks.1.hook_resid_post"))
                        .isInstanceOf(InterruptedRunException.class)
                        .hasMessageContaining("before block 0");
                assertThat(Thread.interrupted()).isTrue();
                assertThat(LiveTensors.count()).isEqualTo(before);
                ActivationCache cache = model.cache(TOKENS, "blocks.1.hook_resid_post");
                assertThat(cache.size()).isEqualTo(1);
                cache.close();
            }
        }
    }

    @Test
    void a_key_value_cache_is_as_before_when_a_run_fails_in_the_middle() {
        Tokens first = Tokens.of(new long[] {3, 1, 4, 1}, new long[] {2, 7, 1, 8})
                .withAttended(new boolean[][] {{false, true, true, true}, {true, true, true, true}});
        Tokens rest = Tokens.of(new long[] {5, 9}, new long[] {2, 8});
        Hooks fails = Hooks.none().observe("blocks.1.attn.hook_z", (z, at) -> {
            throw new IllegalStateException("mine");
        });
        Hooks interrupting = Hooks.none().observe("blocks.1.attn.hook_z", (z, at) -> Thread.currentThread()
                .interrupt());
        float[] expected;
        try (KvCache undisturbed = new KvCache()) {
            RunOptions options = RunOptions.defaults().withPast(undisturbed);
            MODEL.run(first, options).close();
            try (Run run = MODEL.run(rest, options)) {
                expected = run.logits().toFloatArray();
            }
        }
        try (KvCache past = new KvCache()) {
            RunOptions options = RunOptions.defaults().withPast(past);
            float[] last = {};
            for (Tokens tokens : List.of(first, rest)) {
                long length = past.length();
                assertThatThrownBy(() -> MODEL.run(tokens, options.withHooks(fails)))
                        .isInstanceOf(HookFailedException.class);
                assertThat(past.length()).isEqualTo(length);
                assertThatThrownBy(() -> MODEL.run(tokens, options.withHooks(interrupting)))
                        .isInstanceOf(InterruptedRunException.class);
                assertThat(Thread.interrupted()).isTrue();
                assertThat(past.length()).isEqualTo(length);
                try (Run run = MODEL.run(tokens, options)) {
                    last = run.logits().toFloatArray();
                }
            }
            Fixtures.assertSame("logits", expected, last);
        }
    }

    @Test
    void a_key_value_cache_never_remembers_some_layers_only() {
        try (KvCache past = new KvCache()) {
            RunOptions options = RunOptions.defaults().withPast(past);
            assertThatThrownBy(() -> MODEL.run(TOKENS, options.stopAtLayer(1)))
                    .isInstanceOf(org.lens4j.error.UsageException.class)
                    .hasMessageContaining("A key-value cache remembers all layers")
                    .hasMessageContaining("past.freeze()");
            MODEL.cache(TOKENS, options.withCached("blocks.0.hook_resid_post")).close();
            for (int layer = 0; layer < MODEL.config().nLayers(); layer++) {
                assertThat(past.entry(layer).keys().getShape().get(1)).isEqualTo(TOKENS.pos());
            }
            past.freeze();
            MODEL.run(TOKENS, options.stopAtLayer(1)).close();
            assertThat(past.length()).isEqualTo(TOKENS.pos());
        }
    }
}
