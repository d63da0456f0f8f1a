package org.lens4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.error.RangeException;
import org.lens4j.error.UsageException;

class SliceTest {
    /** A slice of an axis of four, and what Python takes of it. */
    static Stream<Arguments> python() {
        return Stream.of(
                Arguments.of(Slice.at(2), new int[] {2}),
                Arguments.of(Slice.at(-1), new int[] {3}),
                Arguments.of(Slice.range(1, 3), new int[] {1, 2}),
                Arguments.of(Slice.range(-3, -1), new int[] {1, 2}),
                Arguments.of(Slice.range(0, 4, 2), new int[] {0, 2}),
                Arguments.of(Slice.range(1, 100, 3), new int[] {1}),
                Arguments.of(Slice.range(3, 1), new int[] {}),
                Arguments.of(Slice.from(-2), new int[] {2, 3}),
                Arguments.of(Slice.to(-1), new int[] {0, 1, 2}),
                Arguments.of(Slice.to(9), new int[] {0, 1, 2, 3}),
                Arguments.of(Slice.picks(3, 0, -1), new int[] {3, 0, 3}),
                Arguments.of(Slice.all(), new int[] {0, 1, 2, 3}));
    }

    @ParameterizedTest
    @MethodSource("python")
    void a_slice_takes_what_python_takes(Slice slice, int[] expected) {
        assertThat(slice.indices("pos", 4)).containsExactly(expected);
        try (Scope scope = Scope.root()) {
            NDArray x = scope.floats(new float[] {0, 1, 2, 3, 10, 11, 12, 13}, new Shape(2, 4));
            NDArray taken = slice.of(x, 1, "pos");
            Shape shape = slice.dropsAxis() ? new Shape(2) : new Shape(2, expected.length);
            assertThat(taken.getShape()).isEqualTo(shape).isEqualTo(slice.of(x.getShape(), 1, "pos"));
            float[] values = taken.toFloatArray();
            for (int i = 0; i < expected.length; i++) {
                assertThat(values[i]).isEqualTo(expected[i]);
                assertThat(values[expected.length + i]).isEqualTo(10 + expected[i]);
            }
        }
    }

    @Test
    void an_index_the_axis_lacks_names_the_axis() {
        assertThatThrownBy(() -> Slice.at(4).indices("head", 4))
                .isInstanceOf(RangeException.class)
                .hasMessage("Index 4 of axis head is asked for, and it has 4. Give -4 to 3.");
        assertThatThrownBy(() -> Slice.picks(0, -5).indices("head", 4)).isInstanceOf(RangeException.class);
    }

    @Test
    void a_step_backwards_is_refused() {
        assertThatThrownBy(() -> Slice.range(3, 0, -1))
                .isInstanceOf(UsageException.class)
                .hasMessage("A slice has step -1. Give 1 or more; to go backwards, list the indices.");
    }
}
