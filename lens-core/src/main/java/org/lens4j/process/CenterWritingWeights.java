package org.lens4j.process;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import org.lens4j.config.ModelConfig;

/**
 * Takes the mean over d_model out of everything that writes to the residual stream; every layer norm would take it out
 * anyway. TransformerLens: {@code center_writing_weights}.
 */
final class CenterWritingWeights implements Pass {
    @Override
    public String name() {
        return "center_writing_weights";
    }

    @Override
    public Optional<String> unfit(ModelConfig config) {
        return Optional.empty();
    }

    @Override
    public void apply(Workbench weights) {
        weights.replace("embed.W_E", CenterWritingWeights::centred);
        weights.replace("pos_embed.W_pos", CenterWritingWeights::centred);
        for (int layer = 0; layer < weights.config().nLayers(); layer++) {
            for (String name : List.of("attn.W_O", "attn.b_O", "mlp.W_out", "mlp.b_out")) {
                weights.replace("blocks." + layer + "." + name, CenterWritingWeights::centred);
            }
        }
    }

    private static NDArray centred(NDArray tensor) {
        return tensor.sub(tensor.mean(new int[] {-1}, true));
    }
}
