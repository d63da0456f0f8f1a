package org.lens4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

/** That DJL still tells of what it makes, and still has the buffer where it is looked for. */
class HeldBuffersTest {
    @Test
    void what_java_brought_in_is_held_and_what_libtorch_made_is_not() {
        HeldBuffers held = new HeldBuffers();
        try (Scope scope = Scope.root()) {
            scope.hold(held);
            NDArray x = scope.zeros(new Shape(3));
            int size = held.during(() -> {
                try (NDArray ofLibtorch = x.add(scope.scalar(1f))) {
                    assertThat(ofLibtorch.isReleased()).isFalse();
                }
                int before = held.size();
                x.mul(0.5f).close();
                return held.size() - before;
            });
            assertThat(size).isEqualTo(1);
            x.mul(0.5f).close();
            scope.manager().create(new float[] {1, 2}).close();
            assertThat(held.size()).isEqualTo(1);
        }
        assertThat(held.size()).isZero();
    }

    @Test
    void tensors_stay_their_owners_and_a_failure_ends_the_holding() {
        try (Scope scope = Scope.root();
                HeldBuffers held = new HeldBuffers()) {
            NDArray made = held.during(() -> scope.manager().create(new float[] {1, 2}));
            assertThat(made.toFloatArray()).containsExactly(1, 2);
            assertThatThrownBy(() -> held.during(() -> {
                        throw new IllegalStateException("mine");
                    }))
                    .hasMessage("mine");
            scope.manager().create(new float[] {1, 2});
            assertThat(held.size()).isEqualTo(1);
        }
    }

    @Test
    void it_nests() {
        try (Scope scope = Scope.root();
                HeldBuffers outer = new HeldBuffers();
                HeldBuffers inner = new HeldBuffers()) {
            outer.during(() -> {
                inner.during(() -> scope.manager().create(1f));
                return scope.manager().create(2f);
            });
            assertThat(outer.size()).isEqualTo(1);
            assertThat(inner.size()).isEqualTo(1);
        }
    }
}
