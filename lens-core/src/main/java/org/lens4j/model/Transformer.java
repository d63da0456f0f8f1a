package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norm;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.weights.Parameters;

/**
 * The components of a model, built once from its parameters, and the pass through them.
 *
 * @param config the shape
 * @param parameters under TransformerLens's names
 * @param constants numbers as tensors
 * @param embedNorm on the tokens' embedding
 * @param blocks first to last
 * @param lnFinal before the unembedding
 */
record Transformer(
        ModelConfig config,
        Parameters parameters,
        Constants constants,
        Normalizer embedNorm,
        List<TransformerBlock> blocks,
        Normalizer lnFinal) {

    /** Builds the components. Constants they need are put beside the parameters. */
    static Transformer of(ModelConfig config, Parameters parameters) {
        Constants constants = new Constants(config, parameters.scope());
        Components components = new Components(config, parameters, constants);
        List<TransformerBlock> blocks = new ArrayList<>();
        for (int layer = 0; layer < config.nLayers(); layer++) {
            blocks.add(components.block(layer));
        }
        return new Transformer(
                config,
                parameters,
                constants,
                components.norm(
                        config.norms().afterEmbedding() ? Norm.LAYER : Norm.NONE,
                        "embed.ln",
                        new Normalizer.Place(
                                HookPoint.EMBED_LN_SCALE, HookPoint.EMBED_LN_NORMALIZED, HookName.NO_LAYER)),
                List.copyOf(blocks),
                components.norm(
                        config.norms().last(),
                        "ln_final",
                        new Normalizer.Place(
                                HookPoint.LN_FINAL_SCALE, HookPoint.LN_FINAL_NORMALIZED, HookName.NO_LAYER)));
    }

    /** Looks parameters up by TransformerLens's names and puts them into components. */
    private record Components(ModelConfig config, Parameters parameters, Constants constants) {
        TransformerBlock block(int layer) {
            Norm kind = config.norms().blocks();
            Norm post = config.norms().afterParts() ? kind : Norm.NONE;
            return new TransformerBlock(
                    layer,
                    attention(layer),
                    aroundAttention(layer, kind, post),
                    config.mlp() instanceof Mlp.None
                            ? Optional.empty()
                            : Optional.of(MlpPart.of(config, parameters, layer, constants)),
                    aroundMlp(layer, kind, post),
                    config.parallel());
        }

        private Normalizer.Place place(HookPoint scale, HookPoint normalized, int layer) {
            return new Normalizer.Place(scale, normalized, layer);
        }

        private TransformerBlock.Around aroundAttention(int layer, Norm before, Norm after) {
            String prefix = "blocks." + layer + ".ln1";
            return new TransformerBlock.Around(
                    norm(before, prefix, place(HookPoint.LN1_SCALE, HookPoint.LN1_NORMALIZED, layer)),
                    norm(
                            after,
                            prefix + "_post",
                            place(HookPoint.LN1_POST_SCALE, HookPoint.LN1_POST_NORMALIZED, layer)));
        }

        private TransformerBlock.Around aroundMlp(int layer, Norm before, Norm after) {
            if (config.mlp() instanceof Mlp.None) {
                return new TransformerBlock.Around(new Normalizer.Identity(), new Normalizer.Identity());
            }
            String prefix = "blocks." + layer + ".ln2";
            return new TransformerBlock.Around(
                    norm(before, prefix, place(HookPoint.LN2_SCALE, HookPoint.LN2_NORMALIZED, layer)),
                    norm(
                            after,
                            prefix + "_post",
                            place(HookPoint.LN2_POST_SCALE, HookPoint.LN2_POST_NORMALIZED, layer)));
        }

        private AttentionLayer attention(int layer) {
            String prefix = "blocks." + layer + ".attn.";
            String grouped = config.attention().grouped() ? "_" : "";
            Norm qkNorm = config.attention().qkNorm() ? Norm.RMS : Norm.NONE;
            AttentionLayer.Scores scores = new AttentionLayer.Scores(
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
            return new AttentionLayer(
                    layer,
                    projection(prefix, "W_Q", "b_Q"),
                    projection(prefix, grouped + "W_K", grouped + "b_K"),
                    projection(prefix, grouped + "W_V", grouped + "b_V"),
                    new AttentionLayer.Output(parameters.get(prefix + "W_O"), parameters.get(prefix + "b_O")),
                    scores);
        }

        private AttentionLayer.Projection projection(String prefix, String w, String b) {
            return new AttentionLayer.Projection(parameters.get(prefix + w), parameters.get(prefix + b));
        }

        private Normalizer norm(Norm kind, String name, Normalizer.Place place) {
            return switch (kind) {
                case LAYER ->
                    new Normalizer.Layer(
                            place, parameters.get(name + ".w"), parameters.get(name + ".b"), constants.eps());
                case RMS -> new Normalizer.RootMeanSquare(place, parameters.get(name + ".w"), constants.eps());
                case NONE -> new Normalizer.Identity();
            };
        }
    }

    /**
     * Embeds and runs blocks. What a block made is freed when it is done, except the residual stream.
     *
     * @param pass whose tokens are read
     * @param stop how many blocks run
     * @param scope owns the result
     * @return the residual stream after block {@code stop - 1}, {@code [batch pos d_model]}
     */
    NDArray residual(Pass pass, int stop, Scope scope) {
        HookDispatch hooks = pass.hooks();
        NDArray tokens =
                hooks.isOpen(Gate.TOKENS) ? hooks.at(HookPoint.TOKENS, HookName.NO_LAYER, pass.ids()) : pass.ids();
        NDArray raw = parameters.rows("embed.W_E", tokens);
        NDArray embed = hooks.at(HookPoint.EMBED, HookName.NO_LAYER, embedNorm.forward(raw, hooks));
        Optional<NDArray> position = positionVectors(tokens, pass);
        boolean inAttention = config.positions() instanceof PositionEmbedding.Shortformer;
        NDArray residual = position.isPresent() && !inAttention ? embed.add(position.get()) : embed;
        Optional<NDArray> beside = inAttention ? position : Optional.empty();
        for (TransformerBlock block : blocks.subList(0, stop)) {
            try (Scope inside = new Scope(scope)) {
                residual = inside.keep(block.forward(inside.adopt(residual), beside, pass));
            }
        }
        return residual;
    }

    private Optional<NDArray> positionVectors(NDArray tokens, Pass pass) {
        if (!HookPoint.POS_EMBED.isIn(config)) {
            return Optional.empty();
        }
        NDArray vectors = Kernels.call("embed_positions", tokens, pass.positions(), parameters.get("pos_embed.W_pos"));
        NDArray blanked = pass.attended()
                .map(it -> Kernels.call("blank_padding", vectors, it))
                .orElse(vectors);
        return Optional.of(pass.hooks().at(HookPoint.POS_EMBED, HookName.NO_LAYER, blanked));
    }

    /** Normalises the residual stream after the last block: {@code [batch pos d_model]}. */
    NDArray normalized(NDArray residual, HookDispatch hooks) {
        return lnFinal.forward(residual, hooks);
    }

    /** Logits {@code [batch pos d_vocab]} of a normalised residual stream. */
    NDArray unembed(NDArray normalized) {
        NDArray logits =
                Kernels.call("linear", normalized, parameters.get("unembed.W_U"), parameters.get("unembed.b_U"));
        return constants
                .logitCap()
                .map(cap -> Kernels.call("softcap", logits, cap))
                .orElse(logits);
    }
}
