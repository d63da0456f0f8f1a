package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.cache.ActivationCache;
import org.lens4j.hook.Hooks;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;

/** Gradients at hook points and by parameters equal what PyTorch gives TransformerLens for the same files. */
class GradientParityTest {
    private static final Metric METRIC = Metric.logitDifference(5, 7);

    static Stream<Path> models() {
        return Fixtures.decoders().stream();
    }

    /** The reference took gradients of the processed model, or of the raw one where it has no processed group. */
    private static HookedTransformer model(Path folder, Safetensors expected) {
        HookedTransformer raw = Fixtures.raw(folder);
        return expected.has("processed/logits") ? raw.processed() : raw;
    }

    private static void check(Safetensors expected, String name, NDArray actual, List<String> wrong) {
        double distance = Fixtures.distance(expected, name, actual);
        if (distance > Fixtures.TOLERANCE) {
            wrong.add(name + " by " + distance);
        }
    }

    private static String[] names(Safetensors expected, String group) {
        return expected.names().stream()
                .filter(it -> it.startsWith(group) && !it.equals("grad/metric"))
                .map(it -> it.substring(group.length()))
                .toArray(String[]::new);
    }

    @ParameterizedTest
    @MethodSource("models")
    void the_gradient_at_every_hook_point_equals_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        String[] hooks = names(expected, "grad/");
        assumeTrue(hooks.length > 0, "no such group");
        Tokens tokens = Fixtures.tokens(expected);
        RunOptions options = RunOptions.defaults().withMetric(METRIC).withGradientsOf(hooks);
        try (HookedTransformer model = model(folder, expected);
                Run run = model.run(tokens, options)) {
            List<String> wrong = new ArrayList<>();
            for (String hook : hooks) {
                check(expected, "grad/" + hook, run.cache().get(hook + ActivationCache.GRADIENT), wrong);
            }
            assertThat(wrong).isEmpty();
            assertThat(run.metric())
                    .isCloseTo(
                            expected.bytes("grad/metric").getFloat(),
                            org.assertj.core.data.Offset.offset(Fixtures.TOLERANCE));
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void parameter_gradients_equal_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        String[] parameters = names(expected, "grad_param/");
        assumeTrue(parameters.length > 0, "no such group");
        RunOptions options = RunOptions.defaults().withMetric(METRIC).withParameterGradientsOf(parameters);
        try (HookedTransformer model = model(folder, expected);
                Run run = model.run(Fixtures.tokens(expected), options)) {
            List<String> wrong = new ArrayList<>();
            for (String parameter : parameters) {
                check(expected, "grad_param/" + parameter, run.parameterGradient(parameter), wrong);
            }
            assertThat(wrong).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void gradients_of_the_loss_equal_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        String[] hooks = names(expected, "grad_loss/");
        assumeTrue(hooks.length > 0, "no such group");
        RunOptions options = RunOptions.defaults().withMetric(Metric.loss()).withGradientsOf(hooks);
        try (HookedTransformer model = model(folder, expected);
                Run run = model.run(Fixtures.tokens(expected), options)) {
            List<String> wrong = new ArrayList<>();
            Arrays.stream(hooks)
                    .forEach(hook ->
                            check(expected, "grad_loss/" + hook, run.cache().get(hook + "_grad"), wrong));
            assertThat(wrong).isEmpty();
        }
    }

    /**
     * TransformerLens calls {@code ln1} for queries, keys and values, so its backward hooks there fire three times. Ours fire
     * once where the three share their input, with the sum, and three times where a run gives them inputs of their own: then
     * each call has an axis for the heads, over which its gradients add up to TransformerLens's for the call.
     */
    @ParameterizedTest
    @MethodSource("models")
    void the_gradient_of_each_call_of_the_first_norm_equals_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        String[] calls = names(expected, "grad_calls/");
        assumeTrue(calls.length > 0, "no such group");
        List<String> wrong = new ArrayList<>();
        Map<String, Integer> fired = new HashMap<>();
        Hooks observe = Hooks.none().observeGradient("blocks.0.ln1.*", (gradient, at) -> {
            int call = fired.merge(at.full(), 1, Integer::sum) - 1;
            NDArray overHeads = gradient.sum(new int[] {2});
            check(expected, "grad_calls/" + at + "/" + call, overHeads, wrong);
        });
        RunOptions options =
                RunOptions.defaults().withMetric(METRIC).withHooks(observe).withSplitQkvInput();
        try (HookedTransformer model = model(folder, expected)) {
            model.run(Fixtures.tokens(expected), options).close();
        }
        assertThat(wrong).isEmpty();
        assertThat(fired)
                .containsOnly(Map.entry("blocks.0.ln1.hook_scale", 3), Map.entry("blocks.0.ln1.hook_normalized", 3));
        assertThat(calls).hasSize(6);
    }
}
