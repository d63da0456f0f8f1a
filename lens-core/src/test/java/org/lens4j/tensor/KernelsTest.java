package org.lens4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.error.UnknownNameException;

class KernelsTest {
    /** A few units in the last place of float32. */
    private static final Offset<Float> CLOSE = Offset.offset(1e-5f);

    private final Scope scope = Scope.root();

    @AfterEach
    void close() {
        scope.close();
    }

    private NDArray vector(float... values) {
        return scope.floats(values, new Shape(values.length));
    }

    @Test
    void gelu_tanh_is_the_tanh_approximation() {
        float[] x = {-3f, -1f, -0.1f, 0f, 0.5f, 2f, 10f};
        float[] y = Kernels.call("gelu_tanh", vector(x)).toFloatArray();
        for (int i = 0; i < x.length; i++) {
            double inner = Math.sqrt(2 / Math.PI) * (x[i] + 0.044715 * Math.pow(x[i], 3));
            assertThat(y[i]).isCloseTo((float) (0.5 * x[i] * (1 + Math.tanh(inner))), CLOSE);
        }
    }

    @Test
    void gelu_differs_from_its_approximation_but_not_by_much() {
        NDArray x = vector(-2f, -1f, 1f, 2f);
        float[] exact = Kernels.call("gelu", x).toFloatArray();
        float[] approximate = Kernels.call("gelu_tanh", x).toFloatArray();
        assertThat(exact).isNotEqualTo(approximate);
        assertThat(exact[2]).isCloseTo(0.8413447f, CLOSE);
        assertThat(approximate[2]).isCloseTo(exact[2], Offset.offset(1e-3f));
    }

    @ParameterizedTest
    @CsvSource({"gelu, 1", "gelu, 200", "gelu_tanh, 1", "gelu_tanh, 200"})
    void a_map_and_its_activation_in_one_are_the_two_in_turn(String activation, int rows) {
        NDArray x = random(1, rows, 48);
        NDArray w = random(48, 32).mul(0.1f);
        NDArray b = random(32);
        NDArray none = Kernels.call("packed", x, w);
        NDArray expected = Kernels.call(activation, Kernels.call("linear", x, w, b));
        assertThat(distance(Kernels.call("linear_" + activation, x, w, b, none), expected))
                .isLessThan(1e-5f);

        NDArray brief = Kernels.call("shorten", x, w);
        NDArray packed = Kernels.call("packed", x, brief);
        NDArray rounded = Kernels.call("numbers", Kernels.call("linear_" + activation, x, brief, b, packed));
        assertThat(distance(rounded, expected)).isBetween(1e-4f, 0.05f);
    }

    private NDArray random(long... shape) {
        return scope.manager().randomNormal(0, 1, new Shape(shape), DataType.FLOAT32);
    }

    private static float distance(NDArray x, NDArray y) {
        return x.sub(y).abs().max().getFloat();
    }

    @Test
    void relu_and_silu_are_what_they_are_called() {
        assertThat(Kernels.call("relu", vector(-1f, 0f, 2f)).toFloatArray()).containsExactly(0f, 0f, 2f);
        assertThat(Kernels.call("silu", vector(1f)).getFloat(0)).isCloseTo(0.7310586f, CLOSE);
    }

    @Test
    void a_normalised_vector_has_mean_0_and_variance_1() {
        NDArray x = vector(1f, 2f, 3f, 10f);
        NDArray scale = Kernels.call("layer_norm_scale", x, scope.scalar(0f));
        float[] y = Kernels.call("layer_norm", x, scale, vector(1f, 1f, 1f, 1f), vector(0f, 0f, 0f, 0f))
                .toFloatArray();
        double mean = 0;
        double square = 0;
        for (float value : y) {
            mean += value / 4;
            square += value * value / 4;
        }
        assertThat((float) mean).isCloseTo(0f, CLOSE);
        assertThat((float) square).isCloseTo(1f, CLOSE);
    }

    @Test
    void pattern_rows_sum_to_1_and_a_row_that_sees_nothing_is_0() {
        float none = Float.NEGATIVE_INFINITY;
        NDArray scores = scope.floats(new float[] {1f, none, 2f, 3f, none, none}, new Shape(1, 1, 3, 2));
        float[] pattern = Kernels.call("attn_pattern_of_padded", scores).toFloatArray();
        assertThat(pattern[0]).isEqualTo(1f);
        assertThat(pattern[1]).isEqualTo(0f);
        assertThat(pattern[2] + pattern[3]).isCloseTo(1f, CLOSE);
        assertThat(pattern[4]).isEqualTo(0f);
        assertThat(pattern[5]).isEqualTo(0f);
    }

    @Test
    void a_window_sees_the_query_itself_and_what_is_just_before_it() {
        NDArray tokens = scope.longs(new long[4], new Shape(1, 4));
        boolean[] seen = Kernels.call("causal_mask", tokens, scope.scalar(0L), scope.scalar(2L))
                .toBooleanArray();
        for (int query = 0; query < 4; query++) {
            for (int key = 0; key < 4; key++) {
                assertThat(seen[query * 4 + key]).isEqualTo(key <= query && key > query - 2);
            }
        }
    }

    @Test
    void the_result_belongs_to_the_owner_of_the_first_argument() {
        try (Scope weights = Scope.root()) {
            NDArray w = weights.floats(new float[] {2f}, new Shape(1, 1));
            NDArray b = weights.zeros(new Shape(1));
            weights.cap();
            NDArray x = scope.floats(new float[] {3f}, new Shape(1, 1));
            NDArray y = Kernels.call("linear", x, w, b);
            assertThat(y.getManager()).isEqualTo(scope.manager());
            assertThat(y.getFloat(0, 0)).isEqualTo(6f);
            assertThatThrownBy(() -> Kernels.call("linear", w, x, b)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void gradients_flow_through_a_kernel_when_the_thread_records() {
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(true);
        try {
            NDArray x = vector(1f, -1f);
            x.setRequiresGradient(true);
            NDArray y = Kernels.call("relu", x);
            System.gc();
            NDArray ones = scope.manager().ones(y.getShape());
            JniUtils.backward((PtNDArray) y, (PtNDArray) ones, false, false);
            assertThat(x.getGradient().toFloatArray()).containsExactly(1f, 0f);
        } finally {
            JniUtils.setGradMode(before);
        }
    }

    @Test
    void an_unknown_kernel_names_the_closest() {
        assertThatThrownBy(() -> Kernels.call("gelu_tan", vector(1f)))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("gelu_tanh");
    }

    /** The ranges T5's 32 buckets have, 16 in each direction: one distance each, then ranges that grow. */
    @Test
    void near_distances_have_buckets_of_their_own_and_far_ones_share() {
        long[] first = {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91};
        try (Scope scope = Scope.root()) {
            for (int bucket = 0; bucket < first.length; bucket++) {
                long last = bucket + 1 < first.length ? first[bucket + 1] - 1 : 1000;
                NDArray distances = scope.longs(new long[] {first[bucket], last}, new Shape(1, 2));
                NDArray found = Kernels.call("bucket", distances, scope.scalar(16L), scope.scalar(128L));
                assertThat(found.toLongArray()).as("bucket " + bucket).containsOnly(bucket);
            }
        }
    }
}
