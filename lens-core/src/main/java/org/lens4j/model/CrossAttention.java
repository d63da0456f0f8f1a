package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookPoint;

/**
 * How a decoder's block looks at what an encoder made of a text: queries come from the residual stream, keys and values from
 * the encoder.
 *
 * @param layer from 0
 * @param norm on what queries are made from
 * @param attention its weights
 */
record CrossAttention(int layer, Normalizer norm, AttentionLayer attention) {
    /**
     * What a decoder's block sees of an encoder.
     *
     * @param memory the encoder's normalised residual stream, {@code [batch key_pos d_model]}
     * @param sight who may see whom
     */
    record Encoded(NDArray memory, Sight sight) {}

    /**
     * Attends and adds.
     *
     * @param residual {@code [batch pos d_model]}
     * @param hooks of the decoder's blocks
     * @return the residual stream after it, {@code [batch pos d_model]}
     */
    NDArray forward(NDArray residual, Encoded encoded, HookDispatch hooks) {
        NDArray in = hooks.isOpen(Gate.ATTN_IN) ? hooks.at(HookPoint.CROSS_ATTN_IN, layer, residual) : residual;
        AttentionLayer.Inputs inputs =
                new AttentionLayer.Inputs(norm.forward(in, hooks), encoded.memory(), encoded.memory());
        NDArray out = hooks.at(HookPoint.CROSS_ATTN_OUT, layer, attention.forward(inputs, encoded.sight()));
        return hooks.at(HookPoint.RESID_MID_CROSS, layer, residual.add(out));
    }
}
