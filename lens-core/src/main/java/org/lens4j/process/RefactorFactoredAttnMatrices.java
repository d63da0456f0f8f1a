package org.lens4j.process;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.Optional;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.tensor.Kernels;

/**
 * Writes the two low-rank products of every head in their singular vectors. Queries and keys, each with its bias as one
 * more input, become the even split of their product; values become U S and outputs Vh of theirs. Dimensions of a head are
 * then ordered by importance. TransformerLens: {@code refactor_factored_attn_matrices}.
 */
final class RefactorFactoredAttnMatrices implements Pass {
    @Override
    public String name() {
        return "refactor_factored_attn_matrices";
    }

    @Override
    public Optional<String> unfit(ModelConfig config) {
        if (config.positions() instanceof PositionEmbedding.Rotary) {
            return Optional.of("queries and keys are rotated between the two matrices");
        }
        if (config.attention().grouped() || config.attention().qkNorm()) {
            return Optional.of("its heads share keys and values, or normalise queries and keys");
        }
        return config.dHead() > config.dModel()
                ? Optional.of("its heads (d_head %d) are wider than the residual stream (d_model %d)"
                        .formatted(config.dHead(), config.dModel()))
                : Optional.empty();
    }

    @Override
    public void apply(Workbench weights) {
        for (int layer = 0; layer < weights.config().nLayers(); layer++) {
            String attention = Workbench.block(layer) + "attn.";
            queriesAndKeys(weights, attention);
            FoldValueBiases.fold(weights, attention);
            weights.change(attention + "W_V", "singular_split_in_place", weights.get(attention + "W_O"));
        }
    }

    private static void queriesAndKeys(Workbench weights, String attention) {
        try (NDArray queries = withBias(weights, attention, "Q");
                NDArray keys = withBias(weights, attention, "K")) {
            Kernels.inPlace("even_split_in_place", queries, keys);
            putBack(weights, attention, "Q", queries);
            putBack(weights, attention, "K", keys);
        }
    }

    /** {@code [head d_model+1 d_head]}. */
    private static NDArray withBias(Workbench weights, String attention, String which) {
        return Kernels.call("with_bias", weights.get(attention + "W_" + which), weights.get(attention + "b_" + which));
    }

    private static void putBack(Workbench weights, String attention, String which, NDArray extended) {
        try (NDArray map = extended.get(new NDIndex(":, :-1"));
                NDArray bias = extended.get(new NDIndex(":, -1"))) {
            weights.change(attention + "W_" + which, "copy_in_place", map);
            weights.change(attention + "b_" + which, "copy_in_place", bias);
        }
    }
}
