package org.lens4j.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norm;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.hook.HookPoint;
import org.lens4j.weights.Parameters;

/**
 * Looks parameters of one stack up by TransformerLens's names and puts them into components.
 *
 * @param config the stack's shape
 * @param parameters of the whole model
 * @param constants numbers as tensors
 * @param stack what the names of its blocks begin with: {@code blocks}, {@code encoder} or {@code decoder}
 */
record Components(ModelConfig config, Parameters parameters, Constants constants, String stack) {
    /** Blocks whose norms stand before their parts, first to last. */
    List<TransformerBlock> blocks() {
        List<TransformerBlock> blocks = new ArrayList<>();
        for (int layer = 0; layer < config.nLayers(); layer++) {
            blocks.add(new TransformerBlock(
                    layer,
                    attention(layer, "attn."),
                    aroundAttention(layer),
                    Optional.empty(),
                    mlp(layer),
                    around(layer, "ln2", place(HookPoint.LN2_SCALE, HookPoint.LN2_NORMALIZED, layer)),
                    config.parallel()));
        }
        return List.copyOf(blocks);
    }

    /** Blocks that look at an encoder between their two parts, first to last. */
    List<TransformerBlock> crossingBlocks() {
        List<TransformerBlock> blocks = new ArrayList<>();
        for (int layer = 0; layer < config.nLayers(); layer++) {
            CrossAttention cross = new CrossAttention(
                    layer,
                    norm(layer, "ln2", place(HookPoint.CROSS_LN_SCALE, HookPoint.CROSS_LN_NORMALIZED, layer)),
                    attention(layer, "cross_attn."));
            blocks.add(new TransformerBlock(
                    layer,
                    attention(layer, "attn."),
                    aroundAttention(layer),
                    Optional.of(cross),
                    mlp(layer),
                    around(layer, "ln3", place(HookPoint.LN3_SCALE, HookPoint.LN3_NORMALIZED, layer)),
                    false));
        }
        return List.copyOf(blocks);
    }

    /** Blocks whose norms stand behind their sums, first to last. */
    List<EncoderBlock> encoderBlocks() {
        List<EncoderBlock> blocks = new ArrayList<>();
        for (int layer = 0; layer < config.nLayers(); layer++) {
            blocks.add(new EncoderBlock(
                    layer,
                    attention(layer, "attn."),
                    norm(layer, "ln1", place(HookPoint.SUM_LN1_SCALE, HookPoint.SUM_LN1_NORMALIZED, layer)),
                    MlpPart.of(config, parameters, prefix(layer) + "mlp.", layer, constants),
                    norm(layer, "ln2", place(HookPoint.SUM_LN2_SCALE, HookPoint.SUM_LN2_NORMALIZED, layer))));
        }
        return List.copyOf(blocks);
    }

    private String prefix(int layer) {
        return stack + "." + layer + ".";
    }

    private Normalizer.Place place(HookPoint scale, HookPoint normalized, int layer) {
        return new Normalizer.Place(scale, normalized, layer);
    }

    private TransformerBlock.Around aroundAttention(int layer) {
        return new TransformerBlock.Around(
                norm(layer, "ln1", place(HookPoint.LN1_SCALE, HookPoint.LN1_NORMALIZED, layer)),
                norm(
                        postNorm(),
                        prefix(layer) + "ln1_post",
                        place(HookPoint.LN1_POST_SCALE, HookPoint.LN1_POST_NORMALIZED, layer)));
    }

    private TransformerBlock.Around around(int layer, String before, Normalizer.Place place) {
        if (config.mlp() instanceof Mlp.None) {
            return new TransformerBlock.Around(new Normalizer.Identity(), new Normalizer.Identity());
        }
        return new TransformerBlock.Around(
                norm(layer, before, place),
                norm(
                        postNorm(),
                        prefix(layer) + before + "_post",
                        place(HookPoint.LN2_POST_SCALE, HookPoint.LN2_POST_NORMALIZED, layer)));
    }

    private Norm postNorm() {
        return config.norms().afterParts() ? config.norms().blocks() : Norm.NONE;
    }

    private Optional<MlpPart> mlp(int layer) {
        return config.mlp() instanceof Mlp.None
                ? Optional.empty()
                : Optional.of(MlpPart.of(config, parameters, prefix(layer) + "mlp.", layer, constants));
    }

    private AttentionLayer attention(int layer, String part) {
        String prefix = prefix(layer) + part;
        String grouped = config.attention().grouped() ? "_" : "";
        AttentionLayer.Projection q = projection(prefix, "W_Q", "b_Q");
        AttentionLayer.Projection k = projection(prefix, grouped + "W_K", grouped + "b_K");
        AttentionLayer.Projection v = projection(prefix, grouped + "W_V", grouped + "b_V");
        return new AttentionLayer(
                layer,
                q,
                k,
                v,
                AttentionLayer.Joint.of(q, k, v, constants),
                new AttentionLayer.Output(parameters.get(prefix + "W_O"), parameters.get(prefix + "b_O")),
                scores(layer, prefix));
    }

    private AttentionLayer.Scores scores(int layer, String prefix) {
        Norm qkNorm = config.attention().qkNorm() ? Norm.RMS : Norm.NONE;
        return new AttentionLayer.Scores(
                constants.number(config.attnScale(layer)),
                config.attention().softcap() > 0
                        ? Optional.of(constants.number(config.attention().softcap()))
                        : Optional.empty(),
                config.positions() instanceof PositionEmbedding.Alibi
                        ? Optional.of(constants.slopes(config.nHeads()))
                        : Optional.empty(),
                norm(qkNorm, prefix + "q_norm", place(HookPoint.Q_NORM_SCALE, HookPoint.Q_NORM_NORMALIZED, layer)),
                norm(qkNorm, prefix + "k_norm", place(HookPoint.K_NORM_SCALE, HookPoint.K_NORM_NORMALIZED, layer)),
                config.attention().grouped()
                        ? Optional.of(constants.whole(config.nHeads() / config.nKvHeads()))
                        : Optional.empty());
    }

    private AttentionLayer.Projection projection(String prefix, String w, String b) {
        return new AttentionLayer.Projection(parameters.get(prefix + w), parameters.get(prefix + b));
    }

    private Normalizer norm(int layer, String name, Normalizer.Place place) {
        return norm(config.norms().blocks(), prefix(layer) + name, place);
    }

    /** A norm of the whole model, or of a block by its full name. */
    Normalizer norm(Norm kind, String name, Normalizer.Place place) {
        return switch (kind) {
            case LAYER ->
                new Normalizer.Layer(place, parameters.get(name + ".w"), parameters.get(name + ".b"), constants.eps());
            case RMS -> new Normalizer.RootMeanSquare(place, parameters.get(name + ".w"), constants.eps());
            case NONE -> new Normalizer.Identity();
        };
    }
}
