package org.lens4j.process;

import java.util.List;
import java.util.Optional;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norm;
import org.lens4j.config.PositionEmbedding;

/**
 * Takes the mean over d_model out of everything that writes to the residual stream; every layer norm would take it out
 * anyway. TransformerLens: {@code center_writing_weights}.
 */
final class CenterWritingWeights implements Pass {
    private static final List<String> EMBEDDINGS = List.of("embed.W_E", "pos_embed.W_pos");
    private static final List<String> OF_A_BLOCK = List.of("attn.W_O", "attn.b_O", "mlp.W_out", "mlp.b_out");

    @Override
    public String name() {
        return "center_writing_weights";
    }

    @Override
    public Optional<String> unfit(ModelConfig config) {
        if (config.positions() instanceof PositionEmbedding.Shortformer) {
            return Optional.of(Pass.SHORTFORMER);
        }
        boolean allCentre =
                config.norms().blocks() == Norm.LAYER && config.norms().last() == Norm.LAYER;
        return allCentre
                ? Optional.empty()
                : Optional.of("not all of its norms take the mean out (they are %s, the last one %s)"
                        .formatted(config.norms().blocks(), config.norms().last()));
    }

    @Override
    public void apply(Workbench weights) {
        EMBEDDINGS.forEach(name -> centre(weights, name));
        for (int layer = 0; layer < weights.config().nLayers(); layer++) {
            for (String name : OF_A_BLOCK) {
                centre(weights, Workbench.block(layer) + name);
            }
        }
    }

    /** What an architecture does not have (positions, an MLP) writes nothing. */
    private static void centre(Workbench weights, String name) {
        if (weights.has(name)) {
            weights.parameters().centre(name);
        }
    }
}
