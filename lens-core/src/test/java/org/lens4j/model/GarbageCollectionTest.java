package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.hook.Hook;
import org.lens4j.hook.Hooks;
import org.lens4j.tensor.Kernels;
import org.lens4j.text.Tokens;

/**
 * A tensor made from Java memory dies with its Java array, also where autograd still needs it: then gradients are those of
 * rubbish. Everything a user may call on a way with gradients must be safe from that, so each is done with a collection, and
 * new arrays where the old were, between the forward pass and the way back, and must give the same to the last bit.
 */
class GarbageCollectionTest {
    private static final HookedTransformer GPT2 = Fixtures.raw(Fixtures.committed("gpt2"));
    private static final HookedTransformer NEOX = Fixtures.raw(Fixtures.committed("gpt_neox"));
    private static final Tokens TOKENS = Tokens.padded(
            org.lens4j.text.PaddingSide.LEFT, 0, new long[] {3, 1, 4, 1, 5, 9, 2, 6}, new long[] {2, 7, 1, 8, 2, 8});
    private static final String[] PARAMETERS = {"blocks.0.attn.W_Q", "blocks.1.mlp.b_in", "unembed.W_U"};
    private static final int ROUNDS = 8;

    @AfterAll
    static void close() {
        GPT2.close();
        NEOX.close();
    }

    /** Collects, and puts other numbers where collected arrays were. */
    private static void rubbish() {
        System.gc();
        List<float[]> arrays = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            float[] array = new float[1 + i * 7 % 600];
            java.util.Arrays.fill(array, Float.NaN);
            arrays.add(array);
            // Direct memory too: that is what DJL wraps.
            java.nio.ByteBuffer.allocateDirect(4 + i % 97 * 4).putFloat(0, Float.NaN);
        }
        assertThat(arrays).hasSize(400);
    }

    /** A metric that leaves a collection between the forward pass and itself, and between itself and the way back. */
    private static Metric collecting(Metric metric) {
        return (logits, tokens, scope) -> {
            rubbish();
            NDArray value = metric.value(logits, tokens, scope);
            rubbish();
            return value;
        };
    }

    private static Hook collecting(Hook hook) {
        return (tensor, at) -> {
            NDArray answer = hook.apply(tensor, at);
            rubbish();
            return answer;
        };
    }

    private static NDArray fromJava(NDArray like, float scale) {
        float[] values = like.toFloatArray();
        for (int i = 0; i < values.length; i++) {
            values[i] *= scale;
        }
        return like.getManager().create(values, like.getShape());
    }

    /** What a user may do, by name. */
    private static Map<String, RunOptions> ways() {
        RunOptions none = RunOptions.defaults().withMetric(Metric.loss());
        String post = "blocks.1.hook_resid_post";
        String pattern = "blocks.1.attn.hook_pattern";
        Map<String, RunOptions> ways = new LinkedHashMap<>();
        ways.put("loss", none);
        ways.put("logit", RunOptions.defaults().withMetric(Metric.logit(5)));
        ways.put("logit difference", RunOptions.defaults().withMetric(Metric.logitDifference(5, 7)));
        ways.put("log probability", RunOptions.defaults().withMetric(Metric.logProb(5)));
        ways.put("a metric of DJL's operators", RunOptions.defaults().withMetric((logits, tokens, scope) -> logits.get(
                        new NDIndex(":, -1"))
                .softmax(-1)
                .square()
                .mean()));
        ways.put(
                "a metric with numbers of the scope",
                RunOptions.defaults().withMetric((logits, tokens, scope) -> Kernels.call("log_softmax", logits)
                        .mul(scope.scalar(3f))
                        .add(scope.floats(new float[] {1, 2, 3}, new ai.djl.ndarray.types.Shape(3))
                                .sum())
                        .mean()));
        ways.put("switches", none.withAttnResult().withSplitQkvInput().withMlpIn());
        ways.put("an edit from Java memory", none.withHooks(Hooks.none().edit(post, (x, at) -> fromJava(x, 1.5f))));
        ways.put(
                "an edit with an array",
                none.withHooks(Hooks.none()
                        .edit(
                                post,
                                (x, at) -> x.add(x.getManager()
                                        .create(new float[] {.1f, .2f})
                                        .sum()))));
        ways.put(
                "a part set in place",
                none.withHooks(Hooks.none().change(pattern, (x, at) -> x.set(new NDIndex(":, 1"), 0f))));
        ways.put(
                "a gradient from Java memory",
                none.withHooks(Hooks.none().editGradient(post, (g, at) -> fromJava(g, 10))));
        ways.put("a gradient set in place", none.withHooks(Hooks.none().editGradient(post, (g, at) -> {
            g.set(new NDIndex(":, 1:"), 0f);
            return g;
        })));
        ways.put("an edit with a number", none.withHooks(Hooks.none().edit(post, (x, at) -> x.mul(1.5f)
                .div(1.25))));
        ways.put("a metric with a number", RunOptions.defaults().withMetric((logits, tokens, scope) -> logits.get(
                        new NDIndex(":, -1"))
                .mul(0.5f)
                .pow(2)
                .mean()));
        ways.put("a gradient with a number", none.withHooks(Hooks.none().editGradient(post, (g, at) -> g.mul(10))));
        return ways;
    }

    static Stream<String> names() {
        return ways().keySet().stream();
    }

    /** The metric, all gradients that are kept, and those by parameters. */
    private static List<float[]> numbers(HookedTransformer model, RunOptions options) {
        RunOptions all =
                options.withGradientsOf("blocks.*.hook_resid_pre", "blocks.*.attn.hook_z", "blocks.*.mlp.hook_post");
        List<float[]> numbers = new ArrayList<>();
        try (Run run = model.run(TOKENS, all.withParameterGradientsOf(PARAMETERS))) {
            numbers.add(new float[] {(float) run.metric()});
            run.cache().entries().forEach(it -> numbers.add(it.tensor().toFloatArray()));
            for (String parameter : PARAMETERS) {
                numbers.add(run.parameterGradient(parameter).toFloatArray());
            }
        }
        return numbers;
    }

    private static Hooks collecting(Hooks hooks) {
        return new Hooks(hooks.attached().stream()
                .map(it -> {
                    if (it.action() instanceof Hooks.Action.Edit edit) {
                        return new Hooks.Attached(it.pick(), new Hooks.Action.Edit(collecting(edit.hook())));
                    }
                    if (it.action() instanceof Hooks.Action.EditGradient edit) {
                        return new Hooks.Attached(it.pick(), new Hooks.Action.EditGradient(collecting(edit.hook())));
                    }
                    return it;
                })
                .toList());
    }

    @ParameterizedTest
    @MethodSource("names")
    void a_collection_at_any_time_changes_no_gradient(String way) {
        RunOptions options = Optional.ofNullable(ways().get(way)).orElseThrow();
        RunOptions collecting = options.withHooks(collecting(options.hooks()))
                .withMetric(collecting(options.backward().metric().orElseThrow()));
        for (HookedTransformer model : List.of(GPT2, NEOX)) {
            List<float[]> expected = numbers(model, options);
            assertThat(expected.get(0)[0]).isFinite().isNotZero();
            for (int i = 0; i < ROUNDS; i++) {
                List<float[]> numbers = numbers(model, collecting);
                for (int tensor = 0; tensor < expected.size(); tensor++) {
                    assertThat(numbers.get(tensor))
                            .as("%s, tensor %d", model.name(), tensor)
                            .isEqualTo(expected.get(tensor));
                }
            }
        }
    }
}
