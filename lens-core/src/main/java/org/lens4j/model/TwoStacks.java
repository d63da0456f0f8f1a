package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Stacks;
import org.lens4j.error.InterruptedRunException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.hook.Stack;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.weights.Parameters;

/**
 * The components of a model that reads with one stack and says with another, built once from its parameters, and the pass
 * through them.
 *
 * @param config the shape
 * @param parameters under TransformerLens's names
 * @param constants numbers as tensors
 * @param encoder blocks of the stack that reads
 * @param encoderNorm behind it
 * @param decoder blocks of the stack that says
 * @param decoderNorm behind it
 * @param logitScale what is unembedded is divided by, rank 0
 */
record TwoStacks(
        ModelConfig config,
        Parameters parameters,
        Constants constants,
        List<TransformerBlock> encoder,
        Normalizer encoderNorm,
        List<TransformerBlock> decoder,
        Normalizer decoderNorm,
        Optional<NDArray> logitScale) {

    /** Builds the components. Constants they need are put beside the parameters. */
    static TwoStacks of(ModelConfig config, Stacks.EncoderDecoder stacks, Parameters parameters) {
        Constants constants = new Constants(config, parameters.scope());
        Components reading = new Components(config, parameters, constants, "encoder");
        Components saying = new Components(config.decoder(), parameters, constants, "decoder");
        return new TwoStacks(
                config,
                parameters,
                constants,
                reading.blocks(),
                reading.norm(
                        config.norms().last(),
                        "encoder_final_ln",
                        new Normalizer.Place(
                                HookPoint.ENCODER_FINAL_LN_SCALE,
                                HookPoint.ENCODER_FINAL_LN_NORMALIZED,
                                HookName.NO_LAYER)),
                saying.crossingBlocks(),
                saying.norm(
                        config.norms().last(),
                        "decoder_final_ln",
                        new Normalizer.Place(
                                HookPoint.DECODER_FINAL_LN_SCALE,
                                HookPoint.DECODER_FINAL_LN_NORMALIZED,
                                HookName.NO_LAYER)),
                stacks.scaledLogits()
                        ? Optional.of(constants.number((float) Math.sqrt(config.dModel())))
                        : Optional.empty());
    }

    /**
     * Reads a text.
     *
     * @param scope owns the result
     * @return the encoder's normalised residual stream, {@code [batch pos d_model]}
     */
    NDArray read(Pass.Read text, HookDispatch hooks, Scope scope) {
        HookDispatch ofEncoder = hooks.in(Stack.ENCODER);
        Pass pass = Pass.withDistances(
                config, constants, text, new Pass.Remembered(distances("encoder"), Optional.empty()), ofEncoder, scope);
        NDArray residual = hooks.at(HookPoint.EMBED, HookName.NO_LAYER, parameters.rows("embed.W_E", text.ids()));
        for (TransformerBlock block : encoder) {
            InterruptedRunException.stopIfInterrupted("before block %d of the encoder".formatted(block.layer()));
            try (Scope inside = new Scope(scope)) {
                residual = inside.keep(block.forward(inside.adopt(residual), Optional.empty(), pass));
            }
        }
        return encoderNorm.forward(residual, hooks);
    }

    /**
     * What is spoken about.
     *
     * @param memory what {@link #read} gave
     * @param text what was read
     * @param past what the decoder has said about it before; gets what it says now
     */
    record Heard(NDArray memory, Pass.Read text, Optional<KvCache> past) {}

    /**
     * Says a text about what was read.
     *
     * @param said the text so far, or what comes behind what the decoder remembers
     * @param heard what it is about
     * @param scope owns the result
     * @return logits, {@code [batch pos d_vocab]} of the text that is said
     */
    NDArray say(Pass.Read said, Heard heard, HookDispatch hooks, Scope scope) {
        Pass pass = Pass.withDistances(
                config.decoder(),
                constants,
                said,
                new Pass.Remembered(distances("decoder"), heard.past()),
                hooks.in(Stack.DECODER),
                scope);
        Sight across = Sight.Across.of(
                hooks.in(Stack.CROSS),
                said.ids(),
                heard.text().ids(),
                heard.text().attended());
        CrossAttention.Encoded encoded = new CrossAttention.Encoded(heard.memory(), across);
        // Has no hook point in TransformerLens, so a graph of gradients must begin here without one.
        NDArray residual = hooks.begun(parameters.rows("embed.W_E", said.ids()));
        for (TransformerBlock block : decoder) {
            InterruptedRunException.stopIfInterrupted("before block %d of the decoder".formatted(block.layer()));
            try (Scope inside = new Scope(scope)) {
                residual = inside.keep(block.forward(inside.adopt(residual), encoded, pass));
            }
        }
        NDArray normed = decoderNorm.forward(residual, hooks);
        NDArray scaled =
                logitScale.map(it -> Kernels.call("divide", normed, it)).orElse(normed);
        return Kernels.call("linear", scaled, parameters.get("unembed.W_U"), parameters.get("unembed.b_U"));
    }

    private NDArray distances(String stack) {
        return parameters.get(stack + ".0.attn.rel_pos_bias.weight");
    }
}
