package org.lens4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

class ObjectiveTest {
    private static final float TOLERANCE = 1e-5f;
    /** The pairs 1 2 and 2 3 come twice, 1 4 does not; in the second row 7 7 comes twice. */
    private static final Tokens TOKENS =
            Tokens.of(new long[] {1, 2, 3, 1, 2, 3, 1, 4}, new long[] {7, 7, 7, 0, 0, 5, 1, 5});

    @Test
    void repeated_pairs_are_those_that_stood_earlier_in_the_same_row() {
        try (Scope scope = Scope.root()) {
            NDArray pairs = Kernels.call("repeated_pairs", TOKENS.tensor(scope));
            assertThat(pairs.toFloatArray()).containsExactly(0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0);
        }
    }

    @Test
    void repeated_pairs_are_the_mean_surprise_at_their_second_tokens() {
        try (Scope scope = Scope.root()) {
            NDArray logits = logits(scope);
            NDArray tokens = TOKENS.tensor(scope);
            float[] each = Kernels.call("next_token_loss", logits, tokens).toFloatArray();
            float wanted = (each[3] + each[4] + each[5] + each[8]) / 4;
            assertThat(Objective.repeatedPairs().loss(logits, tokens).getFloat())
                    .isCloseTo(wanted, within(TOLERANCE));
        }
    }

    @Test
    void a_mask_leaves_out_what_it_marks_with_zero() {
        try (Scope scope = Scope.root()) {
            NDArray logits = logits(scope);
            NDArray tokens = TOKENS.tensor(scope);
            float[] each = Kernels.call("next_token_loss", logits, tokens).toFloatArray();
            float[] marks = new float[14];
            marks[2] = 1;
            marks[13] = 1;
            NDArray mask = scope.floats(marks, new Shape(2, 7));
            assertThat(Objective.nextTokenWhere(mask).loss(logits, tokens).getFloat())
                    .isCloseTo((each[2] + each[13]) / 2, within(TOLERANCE));
        }
    }

    @Test
    void the_plain_objective_is_the_mean_surprise_at_every_next_token() {
        try (Scope scope = Scope.root()) {
            NDArray logits = scope.zeros(new Shape(2, 8, 9));
            assertThat(Objective.nextToken().loss(logits, TOKENS.tensor(scope)).getFloat())
                    .isCloseTo((float) Math.log(9), within(TOLERANCE));
        }
    }

    /** Different everywhere: the logit of token v at position p of row b. */
    private static NDArray logits(Scope scope) {
        float[] values = new float[2 * 8 * 9];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i * i);
        }
        return scope.floats(values, new Shape(2, 8, 9));
    }
}
