package org.lens4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Scope;

class AdamTest {
    /** Float32 arithmetic against double arithmetic, over five steps. */
    private static final double TOLERANCE = 1e-5;

    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.98;
    private static final double DECAY = 0.1;
    private static final double RATE = 0.05;

    @Test
    void five_steps_equal_the_rule_written_out_by_hand() {
        double[] reference = {1, -2, 0.5, 3};
        double[] mean = new double[4];
        double[] square = new double[4];
        try (Scope scope = Scope.root()) {
            NDArray weight = scope.floats(new float[] {1, -2, 0.5f, 3}, new Shape(2, 2));
            Autograd.track(weight);
            try (Adam adam = new Adam(new Adam.Rule(BETA1, BETA2, DECAY, 1e9), List.of(weight))) {
                for (int step = 1; step <= 5; step++) {
                    backwardThroughSumOfCubes(weight);
                    adam.step(RATE);
                    for (int i = 0; i < 4; i++) {
                        double gradient = 3 * reference[i] * reference[i];
                        mean[i] = BETA1 * mean[i] + (1 - BETA1) * gradient;
                        square[i] = BETA2 * square[i] + (1 - BETA2) * gradient * gradient;
                        double unbiasedMean = mean[i] / (1 - Math.pow(BETA1, step));
                        double unbiasedSquare = square[i] / (1 - Math.pow(BETA2, step));
                        reference[i] *= 1 - RATE * DECAY;
                        reference[i] -= RATE * unbiasedMean / (Math.sqrt(unbiasedSquare) + 1e-8);
                    }
                    float[] actual = weight.toFloatArray();
                    for (int i = 0; i < 4; i++) {
                        assertThat((double) actual[i]).isCloseTo(reference[i], within(TOLERANCE));
                    }
                }
            }
        }
    }

    @Test
    void gradients_are_zero_after_a_step() {
        try (Scope scope = Scope.root();
                Adam adam = new Adam(new Adam.Rule(BETA1, BETA2, 0, 1), List.of(tracked(scope, 2)))) {
            NDArray weight = tracked(scope, 2);
            backwardThroughSumOfCubes(weight);
            assertThat(gradient(weight)).containsExactly(12, 12);
            try (Adam other = new Adam(new Adam.Rule(BETA1, BETA2, 0, 1), List.of(weight))) {
                other.step(RATE);
            }
            assertThat(gradient(weight)).containsExactly(0, 0);
            assertThat(adam.step(RATE)).as("a parameter no gradient reached").isZero();
        }
    }

    @Test
    void a_long_gradient_is_shortened_and_its_length_reported() {
        try (Scope scope = Scope.root()) {
            NDArray weight = tracked(scope, 1);
            NDArray clipped = tracked(scope, 1);
            try (Adam adam = new Adam(new Adam.Rule(0, 0.5, 0, 1e9), List.of(weight));
                    Adam clipping = new Adam(new Adam.Rule(0, 0.5, 0, 0.5), List.of(clipped))) {
                for (int step = 0; step < 2; step++) {
                    backwardThroughSumOfCubes(weight);
                    backwardThroughSumOfCubes(clipped);
                    // A second, 1000 times smaller gradient would move a parameter less if the first had not been
                    // clipped.
                    if (step == 0) {
                        assertThat(clipping.step(1e-6)).isCloseTo(Math.sqrt(18), within(TOLERANCE));
                        assertThat(adam.step(1e-6)).isCloseTo(Math.sqrt(18), within(TOLERANCE));
                        assertThat(clipped.toFloatArray()).containsExactly(weight.toFloatArray());
                    }
                }
            }
        }
    }

    @Test
    void biases_do_not_decay() {
        try (Scope scope = Scope.root()) {
            NDArray bias = scope.floats(new float[] {4, 4}, new Shape(2));
            NDArray matrix = scope.floats(new float[] {4, 4}, new Shape(1, 2));
            Autograd.track(bias);
            Autograd.track(matrix);
            try (Adam adam = new Adam(new Adam.Rule(BETA1, BETA2, 1, 1e9), List.of(bias, matrix))) {
                backwardThroughSumOfCubes(bias);
                backwardThroughSumOfCubes(matrix);
                adam.step(0.5);
            }
            assertThat(bias.toFloatArray()).containsExactly(new float[] {3.5f, 3.5f}, within(1e-5f));
            assertThat(matrix.toFloatArray()).containsExactly(new float[] {1.5f, 1.5f}, within(1e-5f));
        }
    }

    private static NDArray tracked(Scope scope, float value) {
        NDArray weight = scope.floats(new float[] {value, value}, new Shape(2));
        Autograd.track(weight);
        return weight;
    }

    private static void backwardThroughSumOfCubes(NDArray weight) {
        NDArray loss =
                Autograd.recording(true, () -> weight.mul(weight).mul(weight).sum());
        Autograd.backward(loss);
    }

    private static float[] gradient(NDArray weight) {
        try (NDArray gradient = Autograd.gradient(weight).orElseThrow()) {
            return gradient.toFloatArray();
        }
    }
}
