package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norm;
import org.lens4j.error.InterruptedRunException;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.weights.Parameters;

/**
 * The components of an encoder, built once from its parameters, and the pass through them.
 *
 * @param config the shape
 * @param parameters under TransformerLens's names
 * @param constants numbers as tensors
 * @param embedNorm on the sum of the embeddings
 * @param blocks first to last
 * @param headNorm in the head for masked tokens
 */
record Encoder(
        ModelConfig config,
        Parameters parameters,
        Constants constants,
        Normalizer embedNorm,
        List<EncoderBlock> blocks,
        Normalizer headNorm) {

    /** Builds the components. Constants they need are put beside the parameters. */
    static Encoder of(ModelConfig config, Parameters parameters) {
        Constants constants = new Constants(config, parameters.scope());
        Components components = new Components(config, parameters, constants, "blocks");
        return new Encoder(
                config,
                parameters,
                constants,
                components.norm(
                        Norm.LAYER,
                        "embed.ln",
                        new Normalizer.Place(
                                HookPoint.EMBED_LN_SCALE, HookPoint.EMBED_LN_NORMALIZED, HookName.NO_LAYER)),
                components.encoderBlocks(),
                components.norm(
                        Norm.LAYER,
                        "mlm_head.ln",
                        new Normalizer.Place(HookPoint.MLM_LN_SCALE, HookPoint.MLM_LN_NORMALIZED, HookName.NO_LAYER)));
    }

    /**
     * Embeds and runs blocks. What a block made is freed when it is done, except the residual stream.
     *
     * @param pass whose tokens are read
     * @param segments which segment each token is in, int64 {@code [batch pos]}
     * @param stop how many blocks run
     * @param scope owns the result
     * @return what block {@code stop - 1} passes on, {@code [batch pos d_model]}
     */
    NDArray hidden(Pass pass, NDArray segments, int stop, Scope scope) {
        HookDispatch hooks = pass.hooks();
        NDArray words = at(HookPoint.WORD_EMBED, parameters.rows("embed.embed.W_E", pass.ids()), hooks);
        // Padding does not move positions here.
        NDArray positions = Kernels.call("positions", pass.ids(), scope.scalar(0L));
        NDArray places = at(
                HookPoint.PLACE_EMBED,
                Kernels.call("embed_positions", pass.ids(), positions, parameters.get("embed.pos_embed.W_pos")),
                hooks);
        NDArray types = at(
                HookPoint.TOKEN_TYPE_EMBED,
                Kernels.call("embed", segments, parameters.get("embed.token_type_embed.W_token_type")),
                hooks);
        NDArray sum = words.add(places).add(types);
        NDArray residual = at(HookPoint.FULL_EMBED, embedNorm.forward(sum, hooks), hooks);
        for (EncoderBlock block : blocks.subList(0, stop)) {
            InterruptedRunException.stopIfInterrupted("before block " + block.layer());
            try (Scope inside = new Scope(scope)) {
                residual = inside.keep(block.forward(inside.adopt(residual), pass));
            }
        }
        return residual;
    }

    private static NDArray at(HookPoint point, NDArray activation, HookDispatch hooks) {
        return hooks.at(point, HookName.NO_LAYER, activation);
    }

    /** Logits {@code [batch pos d_vocab]} of what the last block passes on. */
    NDArray unembed(NDArray hidden, HookDispatch hooks) {
        NDArray dense = Kernels.call("linear", hidden, parameters.get("mlm_head.W"), parameters.get("mlm_head.b"));
        NDArray normed = headNorm.forward(Kernels.call(config.activation().kernel(), dense), hooks);
        return Kernels.call("linear", normed, parameters.get("unembed.W_U"), parameters.get("unembed.b_U"));
    }

    /**
     * Scores of the second segment following the first and of it not following, if a run asks for them.
     *
     * @param hidden what the last block passes on, {@code [batch pos d_model]}
     * @return {@code [batch is_next]}
     */
    Optional<NDArray> nextSentence(NDArray hidden, HookDispatch hooks) {
        if (!hooks.isOpen(Gate.NEXT_SENTENCE)) {
            return Optional.empty();
        }
        NDArray pooled = at(
                HookPoint.POOLER_OUT,
                Kernels.call("pool", hidden, parameters.get("pooler.W"), parameters.get("pooler.b")),
                hooks);
        NDArray scores = Kernels.call("linear", pooled, parameters.get("nsp_head.W"), parameters.get("nsp_head.b"));
        return Optional.of(at(HookPoint.NSP_OUT, scores, hooks));
    }
}
