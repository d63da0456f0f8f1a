package org.lens4j.analysis.circuits;

import ai.djl.ndarray.NDArray;
import org.lens4j.error.RangeException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/**
 * The two matrices a head is (Elhage et al., 2021): QK, which decides where it looks, and OV, which decides what it brings.
 * TransformerLens: {@code model.QK}, {@code model.OV}. Heads that share keys and values are given each with its own copy.
 *
 * <pre>{@code
 * FactoredMatrix copying = HeadMatrices.ov(model, 5, 1, scope).after(embedding).times(unembedding);
 * }</pre>
 */
public final class HeadMatrices {
    private HeadMatrices() {}

    /**
     * Queries against keys of every head of a layer: {@code W_Q W_K^T}, before rotation and without biases.
     *
     * @param layer from 0
     * @param scope owns what is made; the weights stay the model's and go with it
     * @return {@code [head d_model d_model]}
     * @throws RangeException if there is no such layer
     */
    public static FactoredMatrix qk(HookedTransformer model, int layer, Scope scope) {
        NDArray queries = weight(model, layer, "W_Q", scope);
        NDArray keys = weight(model, layer, "W_K", scope);
        return new FactoredMatrix(queries, Kernels.call("transposed", keys));
    }

    /** {@link #qk(HookedTransformer, int, Scope)} of one head, {@code [d_model d_model]}. */
    public static FactoredMatrix qk(HookedTransformer model, int layer, int head, Scope scope) {
        return qk(model, layer, scope).at(checked(model, head));
    }

    /**
     * Values and what is written of them, of every head of a layer: {@code W_V W_O}.
     *
     * @param layer from 0
     * @param scope owns what is made; the weights stay the model's and go with it
     * @return {@code [head d_model d_model]}
     * @throws RangeException if there is no such layer
     */
    public static FactoredMatrix ov(HookedTransformer model, int layer, Scope scope) {
        return new FactoredMatrix(weight(model, layer, "W_V", scope), weight(model, layer, "W_O", scope));
    }

    /** {@link #ov(HookedTransformer, int, Scope)} of one head, {@code [d_model d_model]}. */
    public static FactoredMatrix ov(HookedTransformer model, int layer, int head, Scope scope) {
        return ov(model, layer, scope).at(checked(model, head));
    }

    private static int checked(HookedTransformer model, int head) {
        return RangeException.index("head", head, model.config().nHeads(), model.name());
    }

    /** A weight with one matrix for each query head. */
    private static NDArray weight(HookedTransformer model, int layer, String name, Scope scope) {
        RangeException.index("layer", layer, model.config().nLayers(), model.name());
        boolean shared = model.config().attention().grouped() && (name.equals("W_K") || name.equals("W_V"));
        NDArray stored =
                scope.alias(model.parameters().get("blocks.%d.attn.%s%s".formatted(layer, shared ? "_" : "", name)));
        return shared
                ? stored.repeat(0, model.config().nHeads() / model.config().nKvHeads())
                : stored;
    }
}
