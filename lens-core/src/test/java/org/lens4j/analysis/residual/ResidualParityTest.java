package org.lens4j.analysis.residual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.lens4j.analysis.residual.StackOptions.Ln.OF_THE_RUN;

import ai.djl.ndarray.NDArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.parity.Difference;
import org.lens4j.hub.ModelFiles;
import org.lens4j.load.LoadOptions;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.tensor.Slice;
import org.lens4j.weights.Safetensors;

/** Every decomposition equals what TransformerLens 2.15.4 computes for the same files, with its labels. */
class ResidualParityTest {
    private static final StackOptions ALL = StackOptions.defaults();
    private static final StackOptions LAST = ALL.withPositions(Slice.at(-1));

    private record Case(Decomposition by, StackOptions options) {}

    private static Map<String, Case> cases() {
        Map<String, Case> cases = new LinkedHashMap<>();
        cases.put("accumulated_resid", new Case(Decomposition.ACCUMULATED, ALL));
        cases.put("accumulated_resid_ln", new Case(Decomposition.ACCUMULATED, ALL.withLn(OF_THE_RUN)));
        cases.put("accumulated_resid_mid", new Case(Decomposition.ACCUMULATED, ALL.withMids()));
        cases.put("accumulated_resid_layer1", new Case(Decomposition.ACCUMULATED, ALL.withLayer(1)));
        cases.put(
                "accumulated_resid_layer1_mlp_input_ln",
                new Case(
                        Decomposition.ACCUMULATED,
                        ALL.withLayer(1).withMids().withMlpInput().withLn()));
        cases.put("decompose_resid", new Case(Decomposition.PARTS, ALL));
        cases.put("decompose_resid_ln_pos-1", new Case(Decomposition.PARTS, LAST.withLn()));
        cases.put(
                "decompose_resid_attn_layer1",
                new Case(Decomposition.PARTS, ALL.withLayer(1).withPart(StackOptions.Part.ATTENTION)));
        cases.put(
                "decompose_resid_mlp",
                new Case(
                        Decomposition.PARTS, ALL.withPart(StackOptions.Part.MLP).withoutEmbeds()));
        cases.put("stack_head_results", new Case(Decomposition.HEADS, LAST));
        cases.put(
                "stack_head_results_remainder_ln",
                new Case(Decomposition.HEADS, LAST.withRemainder().withLn()));
        cases.put("stack_neuron_results_layer1_pos-1", new Case(Decomposition.NEURONS, LAST.withLayer(1)));
        cases.put(
                "get_full_resid_decomposition_noneurons",
                new Case(Decomposition.FULL, LAST.withWholeMlps().withLn()));
        return cases;
    }

    static Stream<Path> models() {
        return Fixtures.decoders().stream().filter(it -> Fixtures.expected(it).has("cache/accumulated_resid"));
    }

    private static HookedTransformer processed(Path folder) {
        return Pretrained.load(ModelFiles.ofDirectory(folder), LoadOptions.defaults())
                .model();
    }

    /** The reference's labels; none where only tensors are committed. */
    private static JsonObject labels(Path folder) throws IOException {
        Path file = folder.resolve("expected_labels.json");
        return Files.exists(file)
                ? JsonParser.parseString(Files.readString(file)).getAsJsonObject()
                : new JsonObject();
    }

    private static double distance(Safetensors expected, String name, float[] actual) {
        float[] wanted = floats(expected, name);
        assertThat(actual).as(name).hasSameSizeAs(wanted);
        return Difference.of(wanted, actual).relative();
    }

    private static float[] floats(Safetensors expected, String name) {
        var stored = expected.bytes(name).asFloatBuffer();
        float[] values = new float[stored.remaining()];
        stored.get(values);
        return values;
    }

    private static long[] ids(Safetensors expected, String name) {
        var stored = expected.bytes(name).asLongBuffer();
        long[] values = new long[stored.remaining()];
        stored.get(values);
        return values;
    }

    @ParameterizedTest
    @MethodSource("models")
    void every_stack_equals_the_reference_and_has_its_labels(Path folder) throws IOException {
        Safetensors expected = Fixtures.expected(folder);
        JsonObject labels = labels(folder);
        List<String> wrong = new ArrayList<>();
        List<String> held = new ArrayList<>();
        try (HookedTransformer model = processed(folder);
                ResidualStream stream = ResidualStream.of(model, Fixtures.tokens(expected))) {
            cases().forEach((name, each) -> {
                if (expected.has("cache/" + name)) {
                    held.add(name);
                    try (ResidualStack stack = stream.stack(each.by(), each.options())) {
                        double distance = distance(
                                expected, "cache/" + name, stack.tensor().toFloatArray());
                        if (distance > Fixtures.TOLERANCE) {
                            wrong.add(name + " by " + distance);
                        }
                        if (labels.has("cache/" + name)) {
                            assertThat(stack.labels())
                                    .as(name)
                                    .isEqualTo(labels.getAsJsonArray("cache/" + name).asList().stream()
                                            .map(JsonElement::getAsString)
                                            .toList());
                        }
                    }
                }
            });
        }
        System.out.printf("%s: %d stacks%n", folder.getFileName(), held.size());
        assertThat(held).hasSizeGreaterThan(8);
        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("models")
    void the_sum_of_all_heads_neurons_and_the_rest_equals_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        String name = "cache/get_full_resid_decomposition_neurons_sum";
        assumeTrue(expected.has(name), "a model without neurons");
        try (HookedTransformer model = processed(folder);
                ResidualStream stream = ResidualStream.of(model, Fixtures.tokens(expected));
                ResidualStack all = stream.full(LAST);
                Scope scope = Scope.root()) {
            assertThat(distance(expected, name, all.sum(scope).toFloatArray())).isLessThan(Fixtures.TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void logit_attributions_and_directions_equal_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        long[] right = ids(expected, "cache/logit_attrs_tokens");
        long[] wrong = ids(expected, "cache/logit_attrs_incorrect");
        try (HookedTransformer model = processed(folder);
                ResidualStream stream = ResidualStream.of(model, Fixtures.tokens(expected));
                ResidualStack parts = stream.decomposed(LAST);
                ResidualStack heads = stream.heads(LAST);
                Scope scope = Scope.root()) {
            Answers one = Answers.ofIds(right);
            Answers two = one.againstIds(wrong);
            check(expected, "logit_attrs_decompose_pos-1", stream.logitAttributions(parts, one));
            check(expected, "logit_attrs_diff_decompose_pos-1", stream.logitAttributions(parts, two));
            check(expected, "logit_attrs_diff_heads_pos-1", stream.logitAttributions(heads, two));
            check(
                    expected,
                    "logit_attrs_batch0_int",
                    stream.logitAttributions(parts, Answers.ofIds(5)).slice("batch", 0));
            assertThat(distance(
                            expected,
                            "cache/tokens_to_residual_directions",
                            one.directions(model, right.length, scope).toFloatArray()))
                    .isLessThan(Fixtures.TOLERANCE);
        }
    }

    private static void check(Safetensors expected, String name, Grid actual) {
        assertThat(distance(expected, "cache/" + name, actual.values()))
                .as(name)
                .isLessThan(Fixtures.TOLERANCE);
    }

    @ParameterizedTest
    @MethodSource("models")
    void the_accumulated_stream_read_as_logits_equals_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        try (HookedTransformer model = processed(folder);
                ResidualStream stream = ResidualStream.of(model, Fixtures.tokens(expected));
                ResidualStack stack = stream.accumulated(LAST.withLn(OF_THE_RUN))) {
            NDArray logits = Kernels.call(
                    "linear",
                    stack.tensor(),
                    model.parameters().get("unembed.W_U"),
                    model.parameters().get("unembed.b_U"));
            assertThat(distance(expected, "cache/logit_lens_pos-1", logits.toFloatArray()))
                    .isLessThan(Fixtures.TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void accumulated_biases_equal_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        try (HookedTransformer model = processed(folder);
                ResidualStream stream = ResidualStream.of(model, Fixtures.tokens(expected))) {
            Grid all = stream.accumulatedBias(model.config().nLayers(), false, true);
            check(expected, "accumulated_bias_final", all.slice("batch", 0).slice("pos", 0));
            if (!model.config().parallel() && model.config().dMlp() > 0) {
                Grid some = stream.accumulatedBias(1, true, true);
                check(
                        expected,
                        "accumulated_bias_layer1_mlp_input",
                        some.slice("batch", 0).slice("pos", 0));
            }
        }
    }
}
