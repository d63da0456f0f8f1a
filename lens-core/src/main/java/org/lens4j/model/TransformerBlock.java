package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookPoint;
import org.lens4j.tensor.Kernels;

/**
 * One block: attention and MLP, each reading the residual stream through a layer norm and adding to it.
 *
 * @param layer from 0
 * @param ln1 before the attention
 * @param attention first part
 * @param ln2 before the MLP
 * @param mlp second part
 */
record TransformerBlock(int layer, LayerNorm ln1, Attention attention, LayerNorm ln2, MlpBlock mlp) {
    /**
     * Runs the block.
     *
     * @param residual {@code [batch pos d_model]}
     * @param mask which keys a query may see, bool {@code [query_pos key_pos]}
     * @return the residual stream after the block, {@code [batch pos d_model]}, owned by the input's manager
     */
    NDArray forward(NDArray residual, NDArray mask, HookDispatch hooks) {
        NDArray pre = hooks.at(HookPoint.RESID_PRE, layer, residual);
        NDArray attnOut =
                hooks.at(HookPoint.ATTN_OUT, layer, attention.forward(attentionInputs(pre, hooks), mask, hooks));
        NDArray mid = hooks.at(HookPoint.RESID_MID, layer, pre.add(attnOut));
        NDArray mlpIn = hooks.isOpen(Gate.MLP_IN) ? hooks.at(HookPoint.MLP_IN, layer, mid) : mid;
        NDArray mlpOut = hooks.at(HookPoint.MLP_OUT, layer, mlp.forward(ln2.forward(mlpIn, hooks), hooks));
        return hooks.at(HookPoint.RESID_POST, layer, mid.add(mlpOut));
    }

    /** One normalised input for all, or, where a switch asks for it, one for each head. */
    private Attention.Inputs attentionInputs(NDArray pre, HookDispatch hooks) {
        boolean split = hooks.isOpen(Gate.SPLIT_QKV_INPUT);
        boolean perHead = hooks.isOpen(Gate.ATTN_IN);
        if (!split && !perHead) {
            NDArray shared = ln1.forward(pre, hooks);
            return new Attention.Inputs(shared, shared, shared);
        }
        // [batch pos head d_model]
        NDArray copies = Kernels.call("repeat_for_heads", pre, attention.q().w());
        NDArray in = perHead ? hooks.at(HookPoint.ATTN_IN, layer, copies) : copies;
        if (!split) {
            NDArray shared = ln1.forward(in, hooks);
            return new Attention.Inputs(shared, shared, shared);
        }
        return new Attention.Inputs(
                ln1.forward(hooks.at(HookPoint.Q_INPUT, layer, in), hooks),
                ln1.forward(hooks.at(HookPoint.K_INPUT, layer, in), hooks),
                ln1.forward(hooks.at(HookPoint.V_INPUT, layer, in), hooks));
    }
}
