package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.LiveTensors;
import org.lens4j.error.HookFailedException;
import org.lens4j.error.StateException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.hook.Hooks;
import org.lens4j.hook.Kept;
import org.lens4j.text.Tokens;

/** A function has its tensor until it returns, and later only what it kept. */
class KeptTest {
    private static final HookedTransformer MODEL = Fixtures.raw(Fixtures.committed("gpt2"));
    private static final Tokens TOKENS = Tokens.of(new long[] {3, 1, 4, 1, 5, 9, 2, 6});
    private static final String Z = "blocks.1.attn.hook_z";

    @AfterAll
    static void close() {
        MODEL.close();
    }

    static Stream<Hooks> thieves() {
        // Each hands its tensor to the last of the list below.
        return Stream.of(
                Hooks.none().observe(Z, (z, at) -> STOLEN.add(z)),
                Hooks.none().change(Z, (z, at) -> STOLEN.add(z)),
                Hooks.none().edit(Z, (z, at) -> {
                    STOLEN.add(z);
                    return z;
                }),
                Hooks.none().observeGradient(Z, (g, at) -> STOLEN.add(g)),
                Hooks.none().editGradient(Z, (g, at) -> {
                    STOLEN.add(g);
                    return g;
                }));
    }

    private static final List<NDArray> STOLEN = new ArrayList<>();

    @ParameterizedTest
    @MethodSource("thieves")
    void a_tensor_used_after_its_function_is_an_error_that_says_so(Hooks thief) {
        STOLEN.clear();
        RunOptions options = RunOptions.defaults().withMetric(Metric.loss()).withHooks(thief);
        try (Run run = MODEL.run(TOKENS, options)) {
            List<Consumer<NDArray>> uses =
                    List.of(NDArray::toFloatArray, z -> z.add(z), z -> z.get("0"), NDArray::duplicate, z -> run.logits()
                            .add(z));
            for (Consumer<NDArray> use : uses) {
                assertThatThrownBy(() -> use.accept(STOLEN.get(0)))
                        .isInstanceOf(StateException.class)
                        .hasMessage(
                                "The tensor that a function saw at blocks.1.attn.hook_z is gone: it was there until the function returned. Keep a copy inside the function: kept.keep(tensor, at), with Kept kept = new Kept().");
            }
        }
    }

    @Test
    void a_later_function_that_uses_an_earlier_ones_tensor_fails_too() {
        List<NDArray> stolen = new ArrayList<>();
        Hooks hooks = Hooks.none()
                .observe(Z, (z, at) -> stolen.add(z))
                .observe("blocks.2.attn.hook_z", (z, at) -> z.sub(stolen.get(0)));
        assertThatThrownBy(() -> MODEL.runWithHooks(TOKENS, hooks))
                .isInstanceOf(HookFailedException.class)
                .hasMessageContaining("The hook on blocks.2.attn.hook_z threw")
                .hasMessageContaining("a function saw at blocks.1.attn.hook_z is gone");
    }

    @Test
    void what_is_kept_outlives_the_run_and_is_what_the_function_saw() {
        int before = LiveTensors.count();
        try (Kept kept = new Kept()) {
            Hooks hooks = Hooks.none()
                    .observe("blocks.*.attn.hook_z", kept::keep)
                    .edit(Z, (z, at) -> {
                        kept.keep(z.mean(), "mean");
                        return z.zerosLike();
                    })
                    .observe(Z, (z, at) -> kept.keep(z, "after the edit"))
                    .observeGradient(Z, (g, at) -> kept.keep(g, at.full() + "_grad"));
            RunOptions options = RunOptions.defaults().withMetric(Metric.loss());
            MODEL.run(TOKENS, options.withHooks(hooks)).close();
            System.gc();
            assertThat(kept.names())
                    .containsExactly(
                            "blocks.0.attn.hook_z",
                            Z,
                            "mean",
                            "after the edit",
                            "blocks.2.attn.hook_z",
                            "blocks.1.attn.hook_z_grad");
            try (Run plain = MODEL.runWithCache(TOKENS, Z)) {
                NDArray expected = plain.cache().get(Z);
                // The metric's graph needs the explicit norms, which round differently.
                Fixtures.assertSame(Z, expected.toFloatArray(), kept.get(Z).toFloatArray());
                Fixtures.assertSame(
                        "mean",
                        new float[] {expected.mean().getFloat()},
                        kept.get("mean").toFloatArray());
            }
            assertThat(kept.get("after the edit").toFloatArray()).containsOnly(0f);
            assertThat(kept.get("blocks.1.attn.hook_z_grad").getShape())
                    .isEqualTo(kept.get(Z).getShape());
            assertThat(kept.get(Z).hasGradient()).isFalse();
        }
        assertThat(LiveTensors.count()).isEqualTo(before);
    }

    @Test
    void what_was_not_kept_is_named_and_what_was_closed_is_gone() {
        Kept kept = new Kept();
        MODEL.runWithHooks(TOKENS, Hooks.none().observe(Z, kept::keep)).close();
        assertThatThrownBy(() -> kept.get("blocks.1.hook_z"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Unknown kept tensor \"blocks.1.hook_z\"")
                .hasMessageContaining(Z);
        kept.close();
        assertThatThrownBy(() -> kept.get(Z)).isInstanceOf(StateException.class).hasMessageContaining("was closed");
        assertThatThrownBy(() -> MODEL.runWithHooks(TOKENS, Hooks.none().observe(Z, kept::keep)))
                .isInstanceOf(HookFailedException.class)
                .hasMessageContaining("Open a new Kept");
    }
}
