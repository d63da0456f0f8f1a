package org.lens4j.process;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import org.lens4j.config.ModelConfig;

/**
 * Moves the values' biases into the output's: a pattern's rows sum to 1, so every position gets them whole.
 * TransformerLens: {@code fold_value_biases}.
 */
final class FoldValueBiases implements Pass {
    @Override
    public String name() {
        return "fold_value_biases";
    }

    @Override
    public Optional<String> unfit(ModelConfig config) {
        return Optional.empty();
    }

    @Override
    public void apply(Workbench weights) {
        ModelConfig config = weights.config();
        Shape eachValue = new Shape(config.nHeads(), config.dHead(), 1);
        for (int layer = 0; layer < config.nLayers(); layer++) {
            String attention = "blocks." + layer + ".attn.";
            NDArray values = weights.get(attention + "b_V");
            // [head d_head 1] * [head d_head d_model], summed over both first axes
            NDArray written = values.reshape(eachValue)
                    .mul(weights.get(attention + "W_O"))
                    .sum(new int[] {0, 1});
            weights.put(attention + "b_O", weights.get(attention + "b_O").add(written));
            weights.put(attention + "b_V", weights.zeros(values.getShape()));
        }
    }
}
