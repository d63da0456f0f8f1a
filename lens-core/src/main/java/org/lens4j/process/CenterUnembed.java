package org.lens4j.process;

import java.util.Optional;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.PositionEmbedding;

/**
 * Takes the mean over the vocabulary out of the unembedding: logits change by a constant at each position, probabilities do
 * not. TransformerLens: {@code center_unembed}.
 */
final class CenterUnembed implements Pass {
    @Override
    public String name() {
        return "center_unembed";
    }

    @Override
    public Optional<String> unfit(ModelConfig config) {
        if (config.positions() instanceof PositionEmbedding.Shortformer) {
            return Optional.of(Pass.SHORTFORMER);
        }
        return config.logitSoftcap() > 0
                ? Optional.of("its logits are squeezed (softcap %s), and a constant would not cancel"
                        .formatted(config.logitSoftcap()))
                : Optional.empty();
    }

    @Override
    public void apply(Workbench weights) {
        weights.parameters().centre("unembed.W_U");
        weights.parameters().centre("unembed.b_U");
    }
}
