package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norm;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Stacks;
import org.lens4j.error.InterruptedRunException;
import org.lens4j.error.UsageException;
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
        if (!(config.stacks() instanceof Stacks.Decoder)) {
            throw new UsageException(
                    "%s has the stacks %s, and HookedTransformer is for decoders of one. Use HookedEncoder or HookedEncoderDecoder, which Lens.loadModel does by itself."
                            .formatted(config.family(), config.stacks()));
        }
        Constants constants = new Constants(config, parameters.scope());
        Components components = new Components(config, parameters, constants, "blocks");
        return new Transformer(
                config,
                parameters,
                constants,
                components.norm(
                        config.norms().afterEmbedding() ? Norm.LAYER : Norm.NONE,
                        "embed.ln",
                        new Normalizer.Place(
                                HookPoint.EMBED_LN_SCALE, HookPoint.EMBED_LN_NORMALIZED, HookName.NO_LAYER)),
                components.blocks(),
                components.norm(
                        config.norms().last(),
                        "ln_final",
                        new Normalizer.Place(
                                HookPoint.LN_FINAL_SCALE, HookPoint.LN_FINAL_NORMALIZED, HookName.NO_LAYER)));
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
        return residual(pass, new LayerRange(Optional.empty(), OptionalInt.of(stop)), scope);
    }

    /** {@link #residual(Pass, int, Scope)} from another layer on. */
    NDArray residual(Pass pass, LayerRange range, Scope scope) {
        HookDispatch hooks = pass.hooks();
        int start = range.first(config.nLayers());
        int stop = Math.max(start, range.end(config.nLayers()));
        NDArray tokens =
                hooks.isOpen(Gate.TOKENS) ? hooks.at(HookPoint.TOKENS, HookName.NO_LAYER, pass.ids()) : pass.ids();
        boolean inAttention = config.positions() instanceof PositionEmbedding.Shortformer;
        boolean fromTokens = range.start().isEmpty();
        NDArray first = fromTokens
                ? embedded(tokens, hooks)
                : hooks.begun(scope.copy(range.start().get().residual()));
        Optional<NDArray> position = fromTokens || inAttention ? positionVectors(tokens, pass) : Optional.empty();
        NDArray residual = position.isPresent() && !inAttention ? first.add(position.get()) : first;
        Optional<NDArray> beside = inAttention ? position : Optional.empty();
        for (TransformerBlock block : blocks.subList(start, stop)) {
            InterruptedRunException.stopIfInterrupted("before block " + block.layer());
            try (Scope inside = new Scope(scope)) {
                residual = inside.keep(block.forward(inside.adopt(residual), beside, pass));
            }
        }
        return residual;
    }

    private NDArray embedded(NDArray tokens, HookDispatch hooks) {
        NDArray raw = parameters.rows("embed.W_E", tokens);
        return hooks.at(HookPoint.EMBED, HookName.NO_LAYER, embedNorm.forward(raw, hooks));
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
                Kernels.call("unembed", normalized, parameters.get("unembed.W_U"), parameters.get("unembed.b_U"));
        return constants
                .logitCap()
                .map(cap -> Kernels.call("softcap", logits, cap))
                .orElse(logits);
    }
}
