package org.lens4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

class ScopeTest {
    @Test
    void what_is_kept_survives_and_the_rest_is_freed() {
        try (Scope owner = Scope.root()) {
            NDArray kept;
            NDArray lost;
            try (Scope scope = new Scope(owner)) {
                kept = scope.keep(scope.scalar(3f));
                lost = scope.scalar(4f);
            }
            assertThat(kept.getFloat()).isEqualTo(3f);
            assertThat(lost.isReleased()).isTrue();
        }
    }

    @Test
    void what_is_adopted_dies_with_the_scope() {
        try (Scope owner = Scope.root()) {
            NDArray adopted = owner.scalar(1f);
            try (Scope scope = new Scope(owner)) {
                scope.adopt(adopted);
            }
            assertThat(adopted.isReleased()).isTrue();
        }
    }

    @Test
    void closing_the_owner_closes_the_scopes_below() {
        Scope owner = Scope.root();
        NDArray inner = new Scope(owner).scalar(1f);
        owner.close();
        assertThat(inner.isReleased()).isTrue();
    }

    @Test
    void a_capped_scope_refuses_new_tensors() {
        try (Scope scope = Scope.root()) {
            scope.cap();
            assertThatThrownBy(() -> scope.scalar(1f)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void numbers_from_java_survive_a_garbage_collection() {
        try (Scope scope = Scope.root()) {
            NDArray x = scope.floats(new float[] {1f, 2f, 3f}, new Shape(3));
            NDArray view = x.reshape(1, 3);
            x.close();
            System.gc();
            assertThat(view.toFloatArray()).containsExactly(1f, 2f, 3f);
        }
    }
}
