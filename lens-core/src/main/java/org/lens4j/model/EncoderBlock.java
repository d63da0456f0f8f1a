package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookPoint;
import org.lens4j.tensor.Kernels;

/**
 * One block as the first transformers had it: attention and MLP, each added to what it read, and a norm behind each sum.
 *
 * @param layer from 0
 * @param attention first part
 * @param attentionNorm behind its sum
 * @param mlp second part
 * @param mlpNorm behind its sum
 */
record EncoderBlock(int layer, AttentionLayer attention, Normalizer attentionNorm, MlpPart mlp, Normalizer mlpNorm) {
    /**
     * Runs the block.
     *
     * @param residual {@code [batch pos d_model]}
     * @return what the next block reads, {@code [batch pos d_model]}, owned by the input's manager
     */
    NDArray forward(NDArray residual, Pass pass) {
        HookDispatch hooks = pass.hooks();
        NDArray pre = hooks.at(HookPoint.RESID_PRE, layer, residual);
        NDArray attnOut = hooks.at(HookPoint.ATTN_OUT, layer, attention.forward(inputs(pre, hooks), pass));
        NDArray mid = hooks.at(HookPoint.RESID_MID, layer, pre.add(attnOut));
        NDArray in = hooks.isOpen(Gate.MLP_IN) ? hooks.at(HookPoint.MLP_IN, layer, mid) : mid;
        NDArray normed = attentionNorm.forward(in, hooks);
        NDArray mlpOut = hooks.at(HookPoint.MLP_OUT, layer, mlp.forward(normed, hooks));
        NDArray post = hooks.at(HookPoint.RESID_POST, layer, normed.add(mlpOut));
        return hooks.at(HookPoint.NORMALIZED_RESID_POST, layer, mlpNorm.forward(post, hooks));
    }

    private AttentionLayer.Inputs inputs(NDArray pre, HookDispatch hooks) {
        if (!hooks.isOpen(Gate.SPLIT_QKV_INPUT)) {
            return new AttentionLayer.Inputs(pre, pre, pre);
        }
        // [batch pos head d_model]
        NDArray copies = Kernels.call("repeat_for_heads", pre, attention.q().w());
        return new AttentionLayer.Inputs(
                hooks.at(HookPoint.Q_INPUT, layer, copies),
                hooks.at(HookPoint.K_INPUT, layer, copies),
                hooks.at(HookPoint.V_INPUT, layer, copies));
    }
}
