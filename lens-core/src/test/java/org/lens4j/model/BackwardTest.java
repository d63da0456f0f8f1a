package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.Fixtures;
import org.lens4j.LiveTensors;
import org.lens4j.error.HookFailedException;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.Hooks;
import org.lens4j.text.Tokens;

/** The pass back: functions on gradients, laws, errors, and that nothing is left behind. */
class BackwardTest {
    private static final HookedTransformer MODEL = Fixtures.raw(Fixtures.committed("gpt2"));
    private static final Tokens TOKENS = Tokens.of(new long[] {3, 1, 4, 1, 5, 9, 2, 6});
    private static final Metric METRIC = Metric.logitDifference(5, 7);
    private static final RunOptions BACK = RunOptions.defaults().withMetric(METRIC);
    private static final String EARLY = "blocks.0.hook_resid_pre";

    @AfterAll
    static void close() {
        MODEL.close();
    }

    private static float[] gradient(RunOptions options, String name) {
        try (Run run = MODEL.run(TOKENS, options.withGradientsOf(name))) {
            return run.cache().get(name + "_grad").toFloatArray();
        }
    }

    private static NDArray tenTimes(NDArray gradient) {
        try (NDArray ten = gradient.getManager().full(new ai.djl.ndarray.types.Shape(), 10f)) {
            return gradient.mul(ten);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"blocks.2.hook_resid_post", "blocks.1.hook_resid_pre", "ln_final.hook_normalized"})
    void a_gradient_made_tenfold_on_the_only_way_arrives_tenfold(String everythingGoesThrough) {
        Hooks tenfold = Hooks.none().editGradient(everythingGoesThrough, (gradient, at) -> tenTimes(gradient));
        float[] plain = gradient(BACK, EARLY);
        float[] edited = gradient(BACK.withHooks(tenfold), EARLY);
        for (int i = 0; i < plain.length; i++) {
            assertThat(edited[i]).isCloseTo(10 * plain[i], org.assertj.core.data.Offset.offset(1e-4f));
        }
    }

    @Test
    void a_gradient_made_zero_on_one_way_leaves_the_others() {
        Hooks cutHeads = Hooks.none().editGradient("blocks.*.hook_attn_out", (gradient, at) -> gradient.zerosLike());
        Hooks cutNeurons = Hooks.none().editGradient("blocks.*.hook_mlp_out", (gradient, at) -> gradient.zerosLike());
        Hooks cutBoth = Hooks.none()
                .editGradient("blocks.*.hook_attn_out", (gradient, at) -> gradient.zerosLike())
                .editGradient("blocks.*.hook_mlp_out", (gradient, at) -> gradient.zerosLike());
        float[] last = gradient(BACK, "blocks.2.hook_resid_post");
        // With every block's own way cut, only the residual stream's straight way is left.
        assertThat(gradient(BACK.withHooks(cutBoth), EARLY)).isEqualTo(last);
        assertThat(gradient(BACK.withHooks(cutHeads), EARLY)).isNotEqualTo(last);
        assertThat(gradient(BACK.withHooks(cutNeurons), EARLY)).isNotEqualTo(last);
    }

    @Test
    void what_an_input_does_is_not_what_goes_past_it() {
        RunOptions options = BACK.withSplitQkvInput()
                .withMlpIn()
                .withGradientsOf(
                        "blocks.1.hook_resid_pre",
                        "blocks.1.hook_resid_mid",
                        "blocks.1.hook_resid_post",
                        "blocks.1.hook_?_input",
                        "blocks.1.hook_mlp_in");
        try (Run run = MODEL.run(TOKENS, options)) {
            float[] mlp = gradient(run, "mlp_in");
            float[] mid = gradient(run, "resid_mid");
            float[] queries = gradient(run, "q_input");
            float[] keys = gradient(run, "k_input");
            float[] values = gradient(run, "v_input");
            int width = MODEL.config().dModel();
            int perPosition = MODEL.config().nHeads() * width;
            float[] heads = new float[mid.length];
            for (int i = 0; i < queries.length; i++) {
                heads[i / perPosition * width + i % width] += queries[i] + keys[i] + values[i];
            }
            assertThat(keys).isNotEqualTo(values);
            assertSum(mid, gradient(run, "resid_post"), mlp);
            assertSum(gradient(run, "resid_pre"), mid, heads);
        }
    }

    private static float[] gradient(Run run, String point) {
        return run.cache().get("blocks.1.hook_" + point + "_grad").toFloatArray();
    }

    private static void assertSum(float[] whole, float[] past, float[] through) {
        for (int i = 0; i < whole.length; i++) {
            assertThat(past[i] + through[i]).isCloseTo(whole[i], org.assertj.core.data.Offset.offset(1e-5f));
        }
    }

    @Test
    void a_constant_in_everythings_way_has_a_gradient_and_what_is_before_it_has_none() {
        Hooks constant = Hooks.none().edit("blocks.1.hook_resid_pre", (x, at) -> x.zerosLike());
        for (String before : List.of(EARLY, "blocks.0.mlp.hook_post")) {
            assertThat(gradient(BACK.withHooks(constant), before)).containsOnly(0f);
        }
        String there = "blocks.1.hook_resid_pre";
        float[] gradient = gradient(BACK.withHooks(constant), there);
        Hooks tenfold = constant.editGradient(there, (g, at) -> tenTimes(g));
        float[] tenTimes = gradient(BACK.withHooks(tenfold), there);
        assertThat(gradient).doesNotContain(Float.NaN);
        for (int i = 0; i < gradient.length; i++) {
            assertThat(tenTimes[i]).isCloseTo(10 * gradient[i], org.assertj.core.data.Offset.offset(1e-4f));
        }
        try (Run run = MODEL.run(TOKENS, BACK.withHooks(constant).withParameterGradientsOf("blocks.*.mlp.W_in"))) {
            assertThat(run.parameterGradient("blocks.0.mlp.W_in").toFloatArray())
                    .containsOnly(0f);
            assertThat(run.parameterGradient("blocks.2.mlp.W_in").abs().max().getFloat())
                    .isPositive();
        }
    }

    @Test
    void identity_on_every_gradient_changes_none() {
        Hooks same = Hooks.none().editGradient("*", (gradient, at) -> gradient);
        float[] plain = gradient(BACK, EARLY);
        float[] edited = gradient(BACK.withHooks(same), EARLY);
        for (int i = 0; i < plain.length; i++) {
            assertThat(edited[i]).isCloseTo(plain[i], org.assertj.core.data.Offset.offset(1e-5f));
        }
    }

    @Test
    void the_gradient_says_how_the_metric_changes() {
        String name = "blocks.1.mlp.hook_post";
        float[] gradient = gradient(BACK, name);
        double before;
        try (Run run = MODEL.run(TOKENS, BACK.withGradientsOf(name))) {
            before = run.metric();
        }
        double step = 1e-2;
        int[] places = {7 * 128 + 3, 7 * 128 + 100, 2 * 128 + 50};
        for (int place : places) {
            Hooks push = Hooks.none().edit(name, (post, at) -> {
                float[] values = post.toFloatArray();
                values[place] += (float) step;
                return post.getManager().create(values, post.getShape());
            });
            try (Run run = MODEL.run(TOKENS, BACK.withHooks(push))) {
                assertThat((run.metric() - before) / step)
                        .isCloseTo(gradient[place], org.assertj.core.data.Offset.offset(2e-3));
            }
        }
    }

    @Test
    void functions_see_gradients_from_the_last_point_to_the_first() {
        List<String> seen = new ArrayList<>();
        Hooks observe = Hooks.none().observeGradient("blocks.*.hook_resid_post", (gradient, at) -> seen.add(at.full()));
        MODEL.run(TOKENS, BACK.withHooks(observe)).close();
        assertThat(seen)
                .containsExactly("blocks.2.hook_resid_post", "blocks.1.hook_resid_post", "blocks.0.hook_resid_post");
    }

    @Test
    void a_metric_alone_keeps_the_gradient_of_what_is_cached() {
        try (Run run = MODEL.run(TOKENS, BACK.withCached("blocks.*.hook_resid_post"))) {
            assertThat(run.cache().names())
                    .contains("blocks.0.hook_resid_post", "blocks.0.hook_resid_post_grad")
                    .hasSize(6);
        }
    }

    @Test
    void what_cannot_be_is_said_before_anything_runs() {
        assertThatThrownBy(() -> MODEL.run(TOKENS, RunOptions.defaults().withGradientsOf(EARLY)))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "The gradient at blocks.0.hook_resid_pre is asked for, and nothing says what of. Give a number: RunOptions.withMetric(Metric.loss()).");
        assertThatThrownBy(() -> MODEL.run(TOKENS, BACK.withTokens().withGradientsOf("hook_tokens")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("hook_tokens holds ids");
        assertThatThrownBy(() -> MODEL.run(TOKENS, BACK.withGradientsOf("blocks.0.hook_resid")))
                .isInstanceOf(UnknownNameException.class);
        assertThatThrownBy(() -> MODEL.run(TOKENS, BACK.withGradientsOf("blocks.0.attn.hook_result")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("withAttnResult()");
        assertThatThrownBy(() -> MODEL.run(TOKENS, BACK.withParameterGradientsOf("blocks.0.attn.W_X")))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("blocks.0.attn.W_");
        assertThatThrownBy(() -> MODEL.run(TOKENS, RunOptions.defaults().withMetric(Metric.logit(1000))))
                .isInstanceOf(RangeException.class)
                .hasMessageContaining("token 1000");
        assertThatThrownBy(() -> MODEL.run(
                        TOKENS, RunOptions.defaults().withMetric((logits, tokens, scope) -> scope.scalar(1f))))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("A metric is one number computed from the logits");
    }

    @Test
    void a_function_that_fails_or_changes_the_shape_is_named_and_nothing_is_left() {
        boolean recording = JniUtils.isGradMode();
        int before = LiveTensors.count();
        Hooks fails = Hooks.none().editGradient(EARLY, (gradient, at) -> {
            throw new IllegalStateException("mine");
        });
        assertThatThrownBy(() -> MODEL.run(TOKENS, BACK.withHooks(fails)))
                .isInstanceOf(HookFailedException.class)
                .hasMessageContaining(EARLY);
        Hooks reshapes = Hooks.none().editGradient(EARLY, (gradient, at) -> gradient.sum());
        assertThatThrownBy(() -> MODEL.run(TOKENS, BACK.withHooks(reshapes)))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("batch=1 pos=8 d_model=32");
        assertThat(JniUtils.isGradMode()).isEqualTo(recording);
        assertThat(LiveTensors.count()).isEqualTo(before);
    }

    @Test
    void gradients_survive_a_collection_between_the_passes() {
        float[] plain = gradient(BACK, EARLY);
        Metric collecting = (logits, tokens, scope) -> {
            System.gc();
            return METRIC.value(logits, tokens, scope);
        };
        for (int i = 0; i < 20; i++) {
            assertThat(gradient(RunOptions.defaults().withMetric(collecting), EARLY))
                    .isEqualTo(plain);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"logit_diff(5,7)", " logit( 5 )", "log_prob(id:5)", "loss"})
    void metrics_are_written_on_the_command_line(String text) {
        try (Run run = MODEL.run(
                TOKENS, RunOptions.defaults().withMetric(MetricText.parse(text).of(MODEL)))) {
            assertThat(run.metric()).isFinite();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"logit_diff(5)", "logit", "loss(3)", "accuracy", "logit_diff(5,99999999999)", "logit(Mary)"})
    void other_metrics_are_refused_with_what_there_is(String text) {
        assertThatThrownBy(() -> MetricText.parse(text))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Closest of 4: ")
                .hasMessageContaining("Numbers are token ids.");
    }
}
