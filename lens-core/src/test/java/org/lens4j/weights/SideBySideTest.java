package org.lens4j.weights;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/** Weights laid side by side are the same weights, and one product gives what three give. */
class SideBySideTest {
    private static NDArray numbers(Scope scope, long... shape) {
        return scope.manager().randomNormal(new Shape(shape));
    }

    private static Map<String, NDArray> grouped(Scope scope) {
        Map<String, NDArray> weights = new LinkedHashMap<>();
        weights.put("blocks.0.attn.W_Q", numbers(scope, 4, 6, 3));
        weights.put("blocks.0.attn._W_K", numbers(scope, 2, 6, 3));
        weights.put("blocks.0.attn._W_V", numbers(scope, 2, 6, 3));
        weights.put("blocks.0.attn.b_Q", numbers(scope, 4, 3));
        weights.put("blocks.0.attn._b_K", numbers(scope, 2, 3));
        weights.put("blocks.0.attn._b_V", numbers(scope, 2, 3));
        return weights;
    }

    @Test
    void numbers_and_shapes_stay_and_nothing_is_left_over() {
        try (Scope scope = Scope.root()) {
            Map<String, NDArray> weights = grouped(scope);
            Map<String, float[]> before = new LinkedHashMap<>();
            weights.forEach((name, tensor) -> before.put(name, tensor.toFloatArray()));
            int sizes = scope.size();
            SideBySide.lay(weights, scope);
            assertThat(scope.size()).isEqualTo(sizes);
            Parameters now = new Parameters(scope, weights);
            before.forEach((name, values) ->
                    assertThat(now.get(name).toFloatArray()).as(name).isEqualTo(values));
        }
    }

    @Test
    void one_product_gives_queries_keys_and_values() {
        try (Scope scope = Scope.root()) {
            Map<String, NDArray> weights = grouped(scope);
            SideBySide.lay(weights, scope);
            Parameters w = new Parameters(scope, weights);
            NDArray x = numbers(scope, 2, 5, 6);
            NDArray joint = Kernels.call(
                    "joint_columns",
                    x,
                    w.get("blocks.0.attn.W_Q"),
                    w.get("blocks.0.attn._W_K"),
                    w.get("blocks.0.attn._W_V"));
            NDArray bias = Kernels.call(
                    "joint_columns",
                    x,
                    w.get("blocks.0.attn.b_Q"),
                    w.get("blocks.0.attn._b_K"),
                    w.get("blocks.0.attn._b_V"));
            assertThat(joint.getShape()).isEqualTo(new Shape(6, 24));
            NDArray queries = Kernels.callForList(
                            "project_jointly",
                            x,
                            joint,
                            bias,
                            w.get("blocks.0.attn.W_Q"),
                            w.get("blocks.0.attn._W_K"),
                            x)
                    .get(0);
            NDArray alone = Kernels.call("project_heads", x, w.get("blocks.0.attn.W_Q"), w.get("blocks.0.attn.b_Q"));
            assertThat(queries.sub(alone).abs().max().getFloat()).isLessThan(1e-5f);
        }
    }

    @Test
    void weights_that_lie_apart_or_in_another_order_are_not_taken_for_one() {
        try (Scope scope = Scope.root()) {
            NDArray q = numbers(scope, 2, 6, 3);
            assertThat(Kernels.call("joint_columns", q, q, numbers(scope, 2, 6, 3), numbers(scope, 2, 6, 3))
                            .size())
                    .isZero();
            // Of each head its queries, keys and values together, as GPT-NeoX has them.
            NDArray fused = numbers(scope, 6, 2, 3, 3);
            NDArray byHead = fused.transpose(2, 1, 0, 3);
            NDArray joint = Kernels.call("joint_columns", q, byHead.get(0), byHead.get(1), byHead.get(2));
            assertThat(joint.getShape()).isEqualTo(new Shape(6, 18));
            assertThat(joint.toFloatArray()).isEqualTo(fused.toFloatArray());
            assertThat(Kernels.call("joint_columns", q, byHead.get(0), byHead.get(2), byHead.get(1))
                            .size())
                    .isZero();
        }
    }
}
