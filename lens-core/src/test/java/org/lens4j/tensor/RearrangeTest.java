package org.lens4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lens4j.error.ShapeException;

class RearrangeTest {
    private static NDArray counted(Scope scope, long... shape) {
        float[] values = new float[(int) new Shape(shape).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return scope.floats(values, new Shape(shape));
    }

    @Test
    void splits_reorders_and_merges() {
        try (Scope scope = Scope.root()) {
            NDArray x = counted(scope, 12, 5);
            NDArray y = Rearrange.of("(h qkv d) m -> qkv h m d").apply(x, Map.of("h", 2L, "d", 2L));
            assertThat(y.getShape()).isEqualTo(new Shape(3, 2, 5, 2));
            // row h*6 + qkv*2 + d, column m
            assertThat(y.getFloat(1, 1, 4, 0)).isEqualTo((1 * 6 + 1 * 2) * 5f + 4);
        }
    }

    @Test
    void there_and_back_is_the_identity() {
        try (Scope scope = Scope.root()) {
            NDArray x = counted(scope, 6, 4);
            Map<String, Long> sizes = Map.of("h", 3L, "d", 2L);
            NDArray there = Rearrange.of("(h d) m -> h m d").apply(x, sizes);
            NDArray back = Rearrange.of("h m d -> (h d) m").apply(there, sizes);
            assertThat(back.toFloatArray()).isEqualTo(x.toFloatArray());
        }
    }

    @Test
    void a_shape_that_does_not_fit_is_named_with_the_layout() {
        try (Scope scope = Scope.root()) {
            NDArray x = counted(scope, 7, 4);
            assertThatThrownBy(() -> Rearrange.of("(h d) m -> h m d").apply(x, Map.of("h", 3L, "d", 2L)))
                    .isInstanceOf(ShapeException.class)
                    .hasMessage(
                            "A tensor of shape (7, 4) does not fit the layout \"(h d) m -> h m d\" with the sizes {d=2, h=3}.");
        }
    }

    @Test
    void both_sides_must_have_the_same_axes() {
        assertThatThrownBy(() -> Rearrange.of("a b -> a c")).hasMessageContaining("must have the same axes");
        assertThatThrownBy(() -> Rearrange.of("a b")).hasMessageContaining("A layout is written");
    }
}
