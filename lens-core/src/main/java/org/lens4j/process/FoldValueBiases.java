package org.lens4j.process;

import java.util.List;
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
        for (int layer = 0; layer < weights.config().nLayers(); layer++) {
            fold(weights, Workbench.block(layer) + "attn.");
        }
    }

    /** One layer's, where it has such biases. */
    static void fold(Workbench weights, String attention) {
        for (String values : List.of("b_V", "_b_V")) {
            if (weights.has(attention + values)) {
                weights.change(
                        attention + "b_O",
                        "add_written_values_in_place",
                        weights.get(attention + values),
                        weights.get(attention + "W_O"));
                weights.change(attention + values, "zero_in_place");
            }
        }
    }
}
