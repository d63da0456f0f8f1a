package org.lens4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/** Gradients are what they should be, even when Java's memory is collected between the forward and the backward pass. */
class GradientTest {
    /** How far each number of a parameter is moved to each side. */
    private static final float STEP = 1e-3f;

    /** The loss is float32, near 2.6: its rounding is about 5e-7, over 2 × STEP; the curvature adds a little more. */
    private static final double TOLERANCE = 2e-3;

    @ParameterizedTest
    @ValueSource(strings = {TinyModels.GPT_NEO, TinyModels.GPT2})
    void gradients_equal_finite_differences_after_a_garbage_collection(String config) {
        Tokens tokens = TinyModels.counting(3, 9, new Random(5));
        try (TrainableModel model = TinyModels.fresh(config, 2)) {
            // One step first: the tied view of the embedding must follow changes in place.
            new TrainLoop(model, TrainConfig.of(1, 3, 9, 1e-2))
                    .run(step -> new TrainLoop.Lesson(tokens, Objective.nextToken()), it -> {});
            backwardWithGarbageCollection(model, tokens);
            Random random = new Random(6);
            for (Map.Entry<String, NDArray> parameter : model.trained().entrySet()) {
                float[] direction = signs(Math.toIntExact(parameter.getValue().size()), random);
                double wanted = difference(model.model(), parameter.getValue(), direction, tokens);
                assertThat(slope(parameter.getValue(), direction))
                        .as(parameter.getKey())
                        .isCloseTo(wanted, within(TOLERANCE * (1 + Math.abs(wanted))));
            }
        }
    }

    /** A corner of the cube: moving along it moves every number of a parameter. */
    private static float[] signs(int size, Random random) {
        float[] direction = new float[size];
        for (int i = 0; i < size; i++) {
            direction[i] = random.nextBoolean() ? 1 : -1;
        }
        return direction;
    }

    /** What the gradient says about that direction. */
    private static double slope(NDArray parameter, float[] direction) {
        try (NDArray gradient = Autograd.gradient(parameter).orElseThrow()) {
            float[] values = gradient.toFloatArray();
            double slope = 0;
            for (int i = 0; i < values.length; i++) {
                slope += (double) values[i] * direction[i];
            }
            return slope;
        }
    }

    private static void backwardWithGarbageCollection(TrainableModel model, Tokens tokens) {
        try (Run run = model.model().run(tokens, RunOptions.defaults().withGradients());
                Scope inside = Scope.root()) {
            NDArray ids = tokens.tensor(inside);
            NDArray loss = Autograd.recording(true, () -> Objective.nextToken().loss(run.logits(), ids));
            System.gc();
            // What was freed is written over, so that reading it cannot go unnoticed.
            byte[][] rubbish = new byte[64][];
            for (int i = 0; i < rubbish.length; i++) {
                rubbish[i] = new byte[1 << 14];
                java.util.Arrays.fill(rubbish[i], (byte) 0x7f);
            }
            System.gc();
            Autograd.backward(loss);
        }
    }

    /** What the loss says about it, from a small step to each side. */
    private static double difference(HookedTransformer model, NDArray parameter, float[] direction, Tokens tokens) {
        shift(parameter, direction, STEP);
        double above = model.loss(tokens);
        shift(parameter, direction, -2 * STEP);
        double below = model.loss(tokens);
        shift(parameter, direction, STEP);
        return (above - below) / (2 * STEP);
    }

    /** In place: {@code NDArray.set} would give the parameter other memory, and the tied unembedding would not follow. */
    private static void shift(NDArray parameter, float[] direction, float by) {
        float[] change = direction.clone();
        for (int i = 0; i < change.length; i++) {
            change[i] *= by;
        }
        try (Scope scope = Scope.root()) {
            NDArray added = scope.floats(change, parameter.getShape());
            Autograd.recording(false, () -> parameter.addi(added));
        }
    }
}
