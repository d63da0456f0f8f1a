package org.lens4j.process;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import org.lens4j.config.ModelConfig;

/**
 * Moves the gain and offset of every layer norm into the linear map that reads it, and centres that map, because a layer
 * norm's output has mean 0. Afterwards gains are 1 and offsets 0. TransformerLens: {@code fold_ln}.
 */
final class FoldLayerNorm implements Pass {
    @Override
    public String name() {
        return "fold_ln";
    }

    @Override
    public Optional<String> unfit(ModelConfig config) {
        return Optional.empty();
    }

    @Override
    public void apply(Workbench weights) {
        for (int layer = 0; layer < weights.config().nLayers(); layer++) {
            String block = "blocks." + layer + ".";
            for (String which : new String[] {"Q", "K", "V"}) {
                foldHeads(weights, block + "ln1", block + "attn.W_" + which, block + "attn.b_" + which);
            }
            neutral(weights, block + "ln1");
            fold(weights, block + "ln2", block + "mlp.W_in", block + "mlp.b_in");
            neutral(weights, block + "ln2");
        }
        fold(weights, "ln_final", "unembed.W_U", "unembed.b_U");
        neutral(weights, "ln_final");
    }

    /** {@code W [head d_model d_head]}, {@code b [head d_head]}. */
    private static void foldHeads(Workbench weights, String norm, String w, String b) {
        int[] overModel = {1};
        Shape column = new Shape(1, weights.config().dModel(), 1);
        NDArray map = weights.get(w);
        NDArray offset = weights.get(norm + ".b").reshape(column);
        weights.put(b, weights.get(b).add(map.mul(offset).sum(overModel)));
        NDArray scaled = map.mul(weights.get(norm + ".w").reshape(column));
        weights.put(w, scaled.sub(scaled.mean(overModel, true)));
    }

    /** {@code W [d_model out]}, {@code b [out]}. */
    private static void fold(Workbench weights, String norm, String w, String b) {
        int[] overModel = {0};
        Shape column = new Shape(weights.config().dModel(), 1);
        NDArray map = weights.get(w);
        NDArray offset = weights.get(norm + ".b").reshape(column);
        weights.put(b, weights.get(b).add(map.mul(offset).sum(overModel)));
        NDArray scaled = map.mul(weights.get(norm + ".w").reshape(column));
        weights.put(w, scaled.sub(scaled.mean(overModel, true)));
    }

    private static void neutral(Workbench weights, String norm) {
        Shape shape = weights.get(norm + ".w").getShape();
        weights.put(norm + ".w", weights.ones(shape));
        weights.put(norm + ".b", weights.zeros(shape));
    }
}
