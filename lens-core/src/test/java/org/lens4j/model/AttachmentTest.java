package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.lens4j.Fixtures;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.HookFailedException;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.hook.Hooks;
import org.lens4j.text.Tokens;

/** Functions that stay with a model, selection, order, and runs over some of the layers and positions. */
class AttachmentTest {
    private static final HookedTransformer MODEL = Fixtures.raw(Fixtures.committed("gpt2"));
    private static final Tokens TOKENS = Tokens.of(new long[] {3, 1, 4, 1, 5, 9, 2, 6});
    private static final float[] PLAIN = logits();

    @AfterAll
    static void close() {
        MODEL.close();
    }

    @AfterEach
    void reset() {
        MODEL.resetAllHooks();
        MODEL.clearContexts();
    }

    private static float[] logits() {
        try (Run run = MODEL.run(TOKENS)) {
            return run.logits().toFloatArray();
        }
    }

    private static Hooks noting(List<String> calls, String what) {
        return Hooks.none().observe("blocks.0.hook_resid_pre", (x, at) -> calls.add(what));
    }

    private static Hooks zeroing(String glob) {
        return Hooks.none().edit(glob, (x, at) -> x.zerosLike());
    }

    @Test
    @SuppressWarnings("try") // an attachment is there to be closed
    void attachments_nest_and_end_also_when_something_fails() {
        List<String> calls = new ArrayList<>();
        try (Attachment outer = MODEL.attach(noting(calls, "outer"))) {
            try (Attachment inner = MODEL.attach(noting(calls, "inner"))) {
                MODEL.runWithHooks(TOKENS, noting(calls, "run")).close();
            }
            logits();
            throw new IllegalStateException("something");
        } catch (IllegalStateException expected) {
            logits();
        }
        assertThat(calls).containsExactly("outer", "inner", "run", "outer");
        assertThat(logits()).isEqualTo(PLAIN);
    }

    @Test
    void functions_may_come_before_those_that_are_there() {
        List<String> calls = new ArrayList<>();
        MODEL.attach(noting(calls, "old"));
        MODEL.attachPermanently(noting(calls, "permanent"));
        MODEL.attachFirst(noting(calls, "first"));
        MODEL.attachFirst(noting(calls, "before it"));
        MODEL.runWithHooks(TOKENS, noting(calls, "run")).close();
        assertThat(calls).containsExactly("before it", "first", "old", "permanent", "run");
        MODEL.resetHooks();
        logits();
        assertThat(calls).endsWith("run", "permanent").hasSize(6);
    }

    @Test
    void permanent_functions_survive_a_reset() {
        List<String> calls = new ArrayList<>();
        Attachment permanent = MODEL.attachPermanently(noting(calls, "permanent"));
        MODEL.attach(noting(calls, "other"));
        MODEL.resetHooks();
        logits();
        permanent.close();
        permanent.close();
        logits();
        assertThat(calls).containsExactly("permanent");
    }

    @Test
    void a_function_that_throws_leaves_no_function_behind() {
        Hooks fails = Hooks.none().observe("blocks.1.attn.hook_z", (z, at) -> {
            throw new IllegalStateException("mine");
        });
        assertThatThrownBy(() -> MODEL.runWithHooks(TOKENS, fails))
                .isInstanceOf(HookFailedException.class)
                .hasMessageContaining("blocks.1.attn.hook_z");
        assertThat(logits()).isEqualTo(PLAIN);
    }

    @Test
    void unknown_names_are_refused_when_attached_and_closed_switches_when_run() {
        assertThatThrownBy(() -> MODEL.attach(zeroing("blocks.0.attn.hook_zz")))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("blocks.0.attn.hook_z");
        assertThatThrownBy(() -> MODEL.attach(Hooks.none().edit(name -> name.layer() == 99, (x, at) -> x)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("A predicate picks none of the ")
                .hasMessageContaining("that \"*\" stands for in gpt2, so nothing would ever happen there.");
        MODEL.attach(zeroing("blocks.0.attn.hook_result"));
        assertThatThrownBy(() -> MODEL.run(TOKENS))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("withAttnResult()");
    }

    @Test
    void a_predicate_picks_points_and_others_come_before_when_said_so() {
        List<String> calls = new ArrayList<>();
        Hooks first = Hooks.none().observe("blocks.1.hook_resid_mid", (x, at) -> calls.add("first"));
        Hooks picked = Hooks.none()
                .observe(
                        name -> name.point() == HookPoint.RESID_MID && name.layer() > 0,
                        (x, at) -> calls.add(at.full()));
        MODEL.runWithHooks(TOKENS, first.then(picked)).close();
        MODEL.runWithHooks(TOKENS, picked.then(first)).close();
        assertThat(calls)
                .containsExactly(
                        "first",
                        "blocks.1.hook_resid_mid",
                        "blocks.2.hook_resid_mid",
                        "blocks.1.hook_resid_mid",
                        "first",
                        "blocks.2.hook_resid_mid");
    }

    @Test
    void a_predicate_picks_for_every_kind_of_function_and_for_the_cache() {
        List<String> seen = new ArrayList<>();
        Predicate<HookName> lateZ = name -> name.point() == HookPoint.Z && name.layer() > 0;
        Hooks hooks = Hooks.none()
                .change(lateZ, (z, at) -> seen.add("change " + at.layer()))
                .editGradient(lateZ, (gradient, at) -> {
                    seen.add("edit " + at.layer());
                    return gradient;
                })
                .observeGradient(lateZ, (gradient, at) -> seen.add("see " + at.layer()));
        RunOptions options = RunOptions.defaults()
                .withMetric(Metric.loss())
                .withCached(lateZ)
                .withHooks(hooks);
        try (Run run = MODEL.run(TOKENS, options)) {
            assertThat(run.cache().names()).containsExactly("blocks.1.attn.hook_z", "blocks.2.attn.hook_z");
        }
        assertThat(seen).containsExactly("change 1", "change 2", "edit 2", "see 2", "edit 1", "see 1");
        try (ActivationCache cache = MODEL.cache(TOKENS, RunOptions.defaults().withCached(name -> name.layer() == 0))) {
            // Optional points are passed over; all others of the layer are there.
            assertThat(cache.names()).contains("blocks.0.hook_resid_pre", "blocks.0.attn.hook_pattern");
            assertThat(cache.names()).allMatch(it -> it.startsWith("blocks.0."));
        }
        assertThatThrownBy(() -> MODEL.run(TOKENS, RunOptions.defaults().withCached(name -> name.layer() == 99)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("A predicate picks none of the ");
    }

    @Test
    void a_run_of_one_sequence_may_leave_its_batch_axis_out() {
        RunOptions all = RunOptions.defaults()
                .withMetric(Metric.loss())
                .withAttnResult()
                .withCached("*")
                .withGradientsOf("*");
        try (Run with = MODEL.run(TOKENS, all);
                Run without = MODEL.run(TOKENS, all.withoutBatchDim())) {
            assertThat(without.cache().names()).isEqualTo(with.cache().names()).contains("hook_embed_grad");
            for (String name : with.cache().names()) {
                NDArray bare = without.cache().get(name);
                assertThat(bare.getShape())
                        .as(name)
                        .isEqualTo(with.cache().get(name).getShape().slice(1));
                assertThat(bare.toFloatArray())
                        .as(name)
                        .isEqualTo(with.cache().get(name).toFloatArray());
                assertThat(without.cache().axes(name).orElseThrow().names()).doesNotContain("batch");
            }
            assertThat(without.logits().getShape()).isEqualTo(with.logits().getShape());
        }
        Tokens two = Tokens.of(new long[] {3, 1}, new long[] {4, 1});
        assertThatThrownBy(() -> MODEL.run(two, all.withoutBatchDim()))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "The batch axis has 2 sequences, and only one of size 1 can be left out (withoutBatchDim). Run one sequence, or keep the axis.");
    }

    @Test
    void layers_are_counted_from_the_end_too() {
        for (int cut = -3; cut < 0; cut++) {
            try (Run first = MODEL.run(TOKENS, RunOptions.defaults().stopAtLayer(cut));
                    Run same = MODEL.run(TOKENS, RunOptions.defaults().stopAtLayer(cut + 3));
                    Run rest = MODEL.run(TOKENS, RunOptions.defaults().startAtLayer(cut, first.residual()))) {
                assertThat(first.residual().toFloatArray())
                        .isEqualTo(same.residual().toFloatArray());
                assertThat(rest.logits().toFloatArray()).isEqualTo(PLAIN);
            }
        }
        assertThatThrownBy(() -> MODEL.run(TOKENS, RunOptions.defaults().stopAtLayer(-4)))
                .isInstanceOf(RangeException.class)
                .hasMessageContaining("stopAtLayer -4 is outside this model, which has 3 layers");
    }

    @Test
    void changing_in_place_is_editing() {
        Hooks inPlace = Hooks.none().change("blocks.0.attn.hook_z", (z, at) -> z.set(new NDIndex(":, :, 1"), 0f));
        Hooks edit = Hooks.none().edit("blocks.0.attn.hook_z", (z, at) -> {
            z.set(new NDIndex(":, :, 1"), 0f);
            return z;
        });
        try (Run one = MODEL.runWithHooks(TOKENS, inPlace);
                Run other = MODEL.runWithHooks(TOKENS, edit)) {
            assertThat(one.logits().toFloatArray())
                    .isEqualTo(other.logits().toFloatArray())
                    .isNotEqualTo(PLAIN);
        }
    }

    @Test
    void functions_remember_between_runs() {
        Hooks counting = Hooks.none().observe("blocks.0.hook_resid_pre", (x, at) -> MODEL.context(at)
                .merge("calls", 1, (a, b) -> (Integer) a + (Integer) b));
        MODEL.runWithHooks(TOKENS, counting).close();
        MODEL.runWithHooks(TOKENS, counting).close();
        HookName name = new HookName(HookPoint.RESID_PRE, 0);
        assertThat(MODEL.context(name)).containsEntry("calls", 2);
        MODEL.clearContexts();
        assertThat(MODEL.context(name)).isEmpty();
    }

    @Test
    void what_did_not_fire_is_reported() {
        RunOptions options = RunOptions.defaults()
                .withHooks(zeroing("blocks.2.hook_mlp_out"))
                .withCached("blocks.0.hook_resid_post")
                .stopAtLayer(2);
        try (Run run = MODEL.run(TOKENS, options)) {
            assertThat(run.neverFired()).extracting(HookName::full).containsExactly("blocks.2.hook_mlp_out");
            assertThat(run.cache().names()).containsExactly("blocks.0.hook_resid_post");
        }
        try (Run run = MODEL.runWithHooks(TOKENS, zeroing("*"))) {
            assertThat(run.neverFired()).isEmpty();
        }
    }

    @Test
    void a_pass_for_its_cache_alone_goes_as_far_as_its_functions() {
        List<String> calls = new ArrayList<>();
        RunOptions options = RunOptions.defaults()
                .withHooks(Hooks.none().observe("blocks.2.hook_mlp_out", (x, at) -> calls.add(at.full())))
                .withCached("blocks.0.hook_resid_post");
        MODEL.cache(TOKENS, options).close();
        assertThat(calls).containsExactly("blocks.2.hook_mlp_out");
    }

    @Test
    void stops_compose_to_the_whole() {
        for (int cut = 0; cut <= 3; cut++) {
            try (Run first = MODEL.run(TOKENS, RunOptions.defaults().stopAtLayer(cut));
                    Run rest = MODEL.run(TOKENS, RunOptions.defaults().startAtLayer(cut, first.residual()))) {
                assertThat(rest.logits().toFloatArray()).isEqualTo(PLAIN);
            }
        }
    }

    @Test
    void positions_are_kept_along_the_right_axis_of_every_point() {
        RunOptions all =
                RunOptions.defaults().withAttnResult().withSplitQkvInput().withMlpIn();
        try (Run whole = MODEL.run(TOKENS, all.withCached("*"));
                Run last = MODEL.run(TOKENS, all.withCached("*").withPosSlice(-1))) {
            for (String name : whole.cache().names()) {
                boolean scores = name.contains("scores") || name.contains("pattern");
                int axis = scores ? 2 : 1;
                String index = ":,".repeat(axis) + "-1:";
                assertThat(last.cache().get(name).toFloatArray())
                        .as(name)
                        .isEqualTo(whole.cache().get(name).get(index).toFloatArray());
            }
        }
    }

    @Test
    void a_run_says_what_it_has_not() {
        try (Run stopped = MODEL.run(TOKENS, RunOptions.defaults().stopAtLayer(1));
                Run whole = MODEL.run(TOKENS)) {
            assertThatThrownBy(stopped::logits)
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("stopped before");
            assertThatThrownBy(whole::residual)
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("went on to");
            assertThatThrownBy(whole::metric).isInstanceOf(UsageException.class).hasMessageContaining("withMetric");
            assertThatThrownBy(() -> MODEL.run(TOKENS, RunOptions.defaults().startAtLayer(1, whole.logits())))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageContaining("d_model=32");
        }
        assertThatThrownBy(() -> MODEL.run(TOKENS, RunOptions.defaults().stopAtLayer(4)))
                .isInstanceOf(RangeException.class)
                .hasMessageContaining("stopAtLayer 4 is outside this model, which has 3 layers");
        assertThatThrownBy(() ->
                        MODEL.run(TOKENS, RunOptions.defaults().withCached("*").withPosSlice(8)))
                .isInstanceOf(RangeException.class)
                .hasMessageContaining("the run has 8");
        assertThatThrownBy(() -> MODEL.cache(
                        TOKENS, RunOptions.defaults().withCached("*").stopAtLayer(1)))
                .isInstanceOf(UsageException.class);
    }

    @Test
    void padding_changes_no_loss() {
        Tokens padded = Tokens.padded(
                org.lens4j.text.PaddingSide.LEFT, 0, new long[] {3, 1, 4, 1, 5, 9, 2, 6}, new long[] {3, 1, 4, 1});
        Tokens shorter = Tokens.of(new long[] {3, 1, 4, 1});
        double expected = (7 * MODEL.loss(TOKENS) + 3 * MODEL.loss(shorter)) / 10;
        assertThat((double) MODEL.loss(padded)).isCloseTo(expected, org.assertj.core.data.Offset.offset(1e-5));
        assertThat(MODEL.lossPerToken(TOKENS)[0]).hasSize(7);
    }
}
