package org.lens4j.analysis.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.analysis.parity.Difference;
import org.lens4j.hub.ModelFiles;
import org.lens4j.load.LoadOptions;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;

/** Scores and factored matrices equal what TransformerLens 2.15.4 computes for the same files. */
class CircuitsParityTest {
    static Stream<Path> models() {
        return Fixtures.decoders().stream().filter(it -> Fixtures.expected(it).has("composition/Q"));
    }

    private static HookedTransformer processed(Path folder) {
        return Pretrained.load(ModelFiles.ofDirectory(folder), LoadOptions.defaults())
                .model();
    }

    private static float[] floats(Safetensors expected, String name) {
        FloatBuffer stored = expected.bytes(name).asFloatBuffer();
        float[] values = new float[stored.remaining()];
        stored.get(values);
        return values;
    }

    private static void assertSame(Safetensors expected, String name, float[] actual) {
        float[] wanted = floats(expected, name);
        assertThat(actual).as(name).hasSameSizeAs(wanted);
        assertThat(Difference.of(wanted, actual).relative()).as(name).isLessThan(Fixtures.TOLERANCE);
    }

    @ParameterizedTest
    @MethodSource("models")
    void composition_scores_equal_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        try (HookedTransformer model = processed(folder)) {
            for (CompositionScores.Through through : CompositionScores.Through.values()) {
                assertSame(
                        expected,
                        "composition/" + through,
                        CompositionScores.all(model, through).values());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void head_detectors_equal_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        LongBuffer stored = expected.bytes("head_detector/tokens").asLongBuffer();
        long[] ids = new long[stored.remaining()];
        stored.get(ids);
        try (HookedTransformer model = processed(folder)) {
            for (String kind : List.of("previous_token", "duplicate_token", "induction")) {
                HeadPattern pattern = HeadPattern.named(kind + "_head");
                float[][] drawn = pattern.of(LongStream.of(ids).boxed().toList());
                float[] flat = new float[ids.length * ids.length];
                for (int i = 0; i < ids.length; i++) {
                    System.arraycopy(drawn[i], 0, flat, i * ids.length, ids.length);
                }
                assertSame(expected, "head_detector/" + kind + "/detection_pattern", flat);
                for (DetectOptions.Measure measure : List.of(DetectOptions.Measure.MUL, DetectOptions.Measure.ABS)) {
                    String name = "head_detector/%s_head/%s"
                            .formatted(kind, measure == DetectOptions.Measure.MUL ? "mul" : "abs");
                    DetectOptions plain = DetectOptions.defaults().with(measure);
                    check(expected, name, model, ids, pattern, plain);
                    check(
                            expected,
                            name + "/exclude_both",
                            model,
                            ids,
                            pattern,
                            plain.withoutBos().withoutCurrentToken());
                }
            }
        }
    }

    /** {@code abs} is rounded to three digits, so a difference of 1e-7 may become one of 1e-3. */
    @SuppressWarnings("TooManyParameters") // what a score depends on
    private static void check(
            Safetensors expected,
            String name,
            HookedTransformer model,
            long[] ids,
            HeadPattern pattern,
            DetectOptions options) {
        float most = options.measure() == DetectOptions.Measure.ABS ? 1.001e-3f : (float) Fixtures.TOLERANCE;
        assertThat(HeadDetector.detect(model, Tokens.of(ids), pattern, options).values())
                .as(name)
                .containsExactly(floats(expected, name), within(most));
    }

    @ParameterizedTest
    @MethodSource("models")
    void factored_matrices_of_all_heads_equal_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        List<Float> ovValues = new ArrayList<>();
        List<Float> qkValues = new ArrayList<>();
        List<Float> ovNorms = new ArrayList<>();
        List<Float> qkNorms = new ArrayList<>();
        List<double[]> eigenvalues = new ArrayList<>();
        List<Float> traces = new ArrayList<>();
        try (HookedTransformer model = processed(folder);
                Scope scope = Scope.root()) {
            for (int layer = 0; layer < model.config().nLayers(); layer++) {
                FactoredMatrix ov = HeadMatrices.ov(model, layer, scope);
                FactoredMatrix qk = HeadMatrices.qk(model, layer, scope);
                add(ovValues, ov.svd().s());
                add(qkValues, qk.svd().s());
                add(ovNorms, ov.norm());
                add(qkNorms, qk.norm());
                float[] pairs = ov.eigenvalues().toFloatArray();
                int width = Math.toIntExact(ov.inner());
                for (int head = 0; head < model.config().nHeads(); head++) {
                    double trace = 0;
                    for (int i = 0; i < width; i++) {
                        int at = (head * width + i) * 2;
                        eigenvalues.add(new double[] {pairs[at], pairs[at + 1]});
                        trace += pairs[at];
                    }
                    traces.add((float) trace);
                }
            }
            assertSame(expected, "factored/OV_S", array(ovValues));
            assertSame(expected, "factored/QK_S", array(qkValues));
            assertSame(expected, "factored/OV_norm", array(ovNorms));
            assertSame(expected, "factored/QK_norm", array(qkNorms));
            assertSame(expected, "factored/OV_trace", array(traces));
            assertEigenvalues(
                    expected,
                    eigenvalues,
                    Math.toIntExact(HeadMatrices.ov(model, 0, scope).inner()));
        }
    }

    /** Their order is not specified, so each head's are matched one by one to the nearest that is left. */
    private static void assertEigenvalues(Safetensors expected, List<double[]> actual, int width) {
        float[] real = floats(expected, "factored/OV_eig_real");
        float[] imaginary = floats(expected, "factored/OV_eig_imag");
        assertThat(actual).hasSize(real.length);
        for (int first = 0; first < real.length; first += width) {
            List<double[]> left = new ArrayList<>(actual.subList(first, first + width));
            for (int i = first; i < first + width; i++) {
                double x = real[i];
                double y = imaginary[i];
                double[] nearest = left.stream()
                        .min(Comparator.comparingDouble(it -> Math.hypot(it[0] - x, it[1] - y)))
                        .orElseThrow();
                left.remove(nearest);
                assertThat(Math.hypot(nearest[0] - x, nearest[1] - y)).isLessThan(Fixtures.TOLERANCE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void products_of_factored_matrices_equal_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        try (HookedTransformer model = processed(folder);
                Scope scope = Scope.root()) {
            FactoredMatrix ov = HeadMatrices.ov(model, 0, 1, scope);
            assertSame(expected, "factored/OV_L0H1_AB", ov.ab().toFloatArray());
            assertSame(
                    expected,
                    "factored/OV_L0H1_make_even_AB",
                    ov.makeEven().ab().toFloatArray());
            assertSame(expected, "factored/OV_L0H1_corner", ov.corner(3).toFloatArray());
            FactoredMatrix both = HeadMatrices.ov(model, 0, 0, scope).times(HeadMatrices.qk(model, 1, 1, scope));
            assertSame(expected, "factored/OV_L0H0_at_QK_L1H1_AB", both.ab().toFloatArray());
            long[] ids = LongStream.range(0, 20).toArray();
            NDArray embedding =
                    model.parameters().rows("embed.W_E", scope.longs(ids, new ai.djl.ndarray.types.Shape(20)));
            NDArray unembedding =
                    scope.alias(model.parameters().get("unembed.W_U")).get(":, :20");
            assertSame(
                    expected,
                    "factored/WE20_OV_L0H1_WU20_AB",
                    ov.after(embedding).times(unembedding).ab().toFloatArray());
        }
    }

    private static void add(List<Float> list, NDArray values) {
        for (float value : values.toFloatArray()) {
            list.add(value);
        }
    }

    private static float[] array(List<Float> list) {
        float[] values = new float[list.size()];
        Arrays.setAll(new Object[list.size()], i -> values[i] = list.get(i));
        return values;
    }
}
