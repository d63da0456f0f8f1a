package org.lens4j;

import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;
import org.lens4j.model.HookedTransformer;

/** Models too small to say anything, for messages about what they lack. */
public final class ToyModels {
    private ToyModels() {}

    /** One without MLPs, of two layers of two heads, called toy; owned by the caller. */
    public static HookedTransformer attentionOnly() {
        return Lens.newModel(
                ModelConfig.of(
                        "Toy",
                        new Sizes(2, 16, 30, 30, 8),
                        new PositionEmbedding.Learned(),
                        Norms.layerNorm(1e-5f),
                        Attention.of(2, 2, 8),
                        new Mlp.None()),
                1);
    }
}
