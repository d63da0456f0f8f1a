package org.lens4j.process;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norm;
import org.lens4j.config.PositionEmbedding;

/**
 * Moves the gain and offset of every norm into the linear maps that read it, and centres those maps where it is a layer
 * norm, because a layer norm's output has mean 0. Afterwards gains are 1 and offsets 0. TransformerLens: {@code fold_ln}.
 *
 * <p>A norm without an offset ({@code ln1.b}) is an RMS norm: its output has no mean to rely on, so its maps are not
 * centred.
 */
final class FoldLayerNorm implements Pass {
    private static final List<String> ATTENTION = List.of("attn.W_Q", "attn.W_K", "attn.W_V", "attn._W_K", "attn._W_V");
    private static final List<String> MLP = List.of("mlp.W_in", "mlp.W_gate");

    @Override
    public String name() {
        return "fold_ln";
    }

    @Override
    public Optional<String> unfit(ModelConfig config) {
        if (config.mlp() instanceof Mlp.Experts) {
            return Optional.of("its MLP is a mixture of experts, whose router reads the norm too");
        }
        if (config.positions() instanceof PositionEmbedding.Shortformer) {
            return Optional.of(Pass.SHORTFORMER);
        }
        boolean none = config.norms().blocks() == Norm.NONE && config.norms().last() == Norm.NONE;
        return none ? Optional.of("it has no norms") : Optional.empty();
    }

    @Override
    public Optional<String> exception(ModelConfig config) {
        return gateCannotTakeOffset(config)
                ? Optional.of("ln2 stays as it is, because its offset would need a bias the gate does not have")
                : Optional.empty();
    }

    /** TransformerLens drops the offset in this case, which changes the model. */
    private static boolean gateCannotTakeOffset(ModelConfig config) {
        return config.mlp() instanceof Mlp.Gated && config.norms().blocks() == Norm.LAYER;
    }

    @Override
    public void apply(Workbench weights) {
        for (int layer = 0; layer < weights.config().nLayers(); layer++) {
            String block = Workbench.block(layer);
            fold(weights, block + "ln1", block, ATTENTION);
            if (!gateCannotTakeOffset(weights.config())) {
                fold(weights, block + "ln2", block, MLP);
            }
            fold(weights, block + "mlp.ln", block, List.of("mlp.W_out"));
        }
        fold(weights, "ln_final", "", List.of("unembed.W_U"));
    }

    private static void fold(Workbench weights, String norm, String prefix, List<String> readers) {
        if (!weights.has(norm + ".w")) {
            return;
        }
        NDArray gain = weights.get(norm + ".w");
        Optional<NDArray> offset = weights.has(norm + ".b") ? Optional.of(weights.get(norm + ".b")) : Optional.empty();
        for (String reader : readers) {
            if (weights.has(prefix + reader)) {
                fold(weights, gain, offset, prefix + reader);
            }
        }
        weights.change(norm + ".w", "one_in_place");
        if (offset.isPresent()) {
            weights.change(norm + ".b", "zero_in_place");
        }
    }

    /** The map {@code W [d_model out]}, or one for each head {@code [head d_model d_head]}, and its bias. */
    private static void fold(Workbench weights, NDArray gain, Optional<NDArray> offset, String map) {
        if (offset.isPresent()) {
            boolean heads = weights.get(map).getShape().dimension() == 3;
            weights.change(
                    bias(map),
                    heads ? "add_mapped_heads_in_place" : "add_mapped_in_place",
                    weights.get(map),
                    offset.get());
        }
        weights.change(map, "scale_inputs_in_place", gain);
        if (offset.isPresent()) {
            weights.change(map, "centre_inputs_in_place");
        }
    }

    /** {@code attn.W_Q} has the bias {@code attn.b_Q}, {@code attn._W_K} has {@code attn._b_K}. */
    private static String bias(String map) {
        int at = map.lastIndexOf("W_");
        return map.substring(0, at) + "b_" + map.substring(at + 2);
    }
}
