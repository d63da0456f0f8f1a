package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookPoint;
import org.lens4j.tensor.Kernels;

/**
 * One block: attention and MLP, each reading the residual stream through a norm and adding to it, one after the other or
 * side by side.
 *
 * @param layer from 0
 * @param attention first part
 * @param attentionNorms before and after it
 * @param cross between the two, in the decoder of a model of two stacks
 * @param mlp second part; empty in attention-only models
 * @param mlpNorms before and after it
 * @param parallel whether both parts read the residual stream before the block
 */
record TransformerBlock(
        int layer,
        AttentionLayer attention,
        Around attentionNorms,
        Optional<CrossAttention> cross,
        Optional<MlpPart> mlp,
        Around mlpNorms,
        boolean parallel) {

    /**
     * The norms of one part.
     *
     * @param before on what it reads
     * @param after on what it writes
     */
    record Around(Normalizer before, Normalizer after) {}

    /**
     * Runs the block.
     *
     * @param residual {@code [batch pos d_model]}
     * @param positions what queries and keys get beside the residual stream, {@code [batch pos d_model]} (Shortformer)
     * @return the residual stream after the block, {@code [batch pos d_model]}, owned by the input's manager
     */
    NDArray forward(NDArray residual, Optional<NDArray> positions, Pass pass) {
        return forward(residual, positions, Optional.empty(), pass);
    }

    /**
     * Runs a decoder's block.
     *
     * @param residual {@code [batch pos d_model]}
     * @param encoded what the block looks at between its two parts
     * @return the residual stream after the block, {@code [batch pos d_model]}, owned by the input's manager
     */
    NDArray forward(NDArray residual, CrossAttention.Encoded encoded, Pass pass) {
        return forward(residual, Optional.empty(), Optional.of(encoded), pass);
    }

    private NDArray forward(
            NDArray residual, Optional<NDArray> positions, Optional<CrossAttention.Encoded> encoded, Pass pass) {
        HookDispatch hooks = pass.hooks();
        NDArray pre = hooks.at(HookPoint.RESID_PRE, layer, residual);
        NDArray attended = attended(pre, positions, pass);
        NDArray attnOut =
                hooks.at(HookPoint.ATTN_OUT, layer, attentionNorms.after().forward(attended, hooks));
        NDArray sum = pre.add(attnOut);
        if (mlp.isEmpty()) {
            return hooks.at(HookPoint.RESID_POST, layer, sum);
        }
        NDArray between = parallel ? sum : hooks.at(HookPoint.RESID_MID, layer, sum);
        NDArray mid = encoded.flatMap(seen -> cross.map(it -> it.forward(between, seen, hooks)))
                .orElse(between);
        NDArray mlpOut = mlpOut(mlp.get(), parallel ? pre : mid, hooks);
        return hooks.at(HookPoint.RESID_POST, layer, mid.add(mlpOut));
    }

    private NDArray mlpOut(MlpPart part, NDArray residual, HookDispatch hooks) {
        NDArray in = hooks.isOpen(Gate.MLP_IN) ? hooks.at(HookPoint.MLP_IN, layer, residual) : residual;
        NDArray written = part.forward(mlpNorms.before(), in, hooks);
        return hooks.at(HookPoint.MLP_OUT, layer, mlpNorms.after().forward(written, hooks));
    }

    private NDArray attended(NDArray pre, Optional<NDArray> positions, Pass pass) {
        HookDispatch hooks = pass.hooks();
        Normalizer ln1 = attentionNorms.before();
        if (hooks.isOpen(Gate.SPLIT_QKV_INPUT) || hooks.isOpen(Gate.ATTN_IN)) {
            return attention.forward(inputsOfHeads(pre, positions, hooks), pass);
        }
        if (positions.isEmpty()) {
            return attention.forward(ln1, pre, pass);
        }
        NDArray shared = ln1.forward(pre, hooks);
        NDArray placed = placed(shared, positions);
        return attention.forward(new AttentionLayer.Inputs(placed, placed, shared), pass);
    }

    /** One normalised input for each head, as a switch asks for it, or three for what is made of it. */
    private AttentionLayer.Inputs inputsOfHeads(NDArray pre, Optional<NDArray> positions, HookDispatch hooks) {
        boolean split = hooks.isOpen(Gate.SPLIT_QKV_INPUT);
        boolean perHead = hooks.isOpen(Gate.ATTN_IN);
        Normalizer ln1 = attentionNorms.before();
        // [batch pos head d_model]
        NDArray copies = Kernels.call("repeat_for_heads", pre, attention.q().w());
        NDArray in = perHead ? hooks.at(HookPoint.ATTN_IN, layer, copies) : copies;
        if (!split) {
            NDArray shared = ln1.forward(in, hooks);
            NDArray placed = placed(shared, positions);
            return new AttentionLayer.Inputs(placed, placed, shared);
        }
        NDArray keyIn = perHead ? in : keyCopies(pre, hooks);
        NDArray queryIn = hooks.at(HookPoint.Q_INPUT, layer, in);
        NDArray ofKeys = hooks.at(HookPoint.K_INPUT, layer, keyIn);
        NDArray ofValues = hooks.at(HookPoint.V_INPUT, layer, keyIn);
        NDArray q = ln1.forward(queryIn, hooks);
        NDArray k = ln1.forward(ofKeys, hooks);
        NDArray v = ln1.forward(ofValues, hooks);
        return new AttentionLayer.Inputs(placed(q, positions), placed(k, positions), v);
    }

    private NDArray keyCopies(NDArray pre, HookDispatch hooks) {
        AttentionLayer.Projection likeHeads = hooks.isOpen(Gate.UNGROUPED_GQA) ? attention.q() : attention.k();
        return Kernels.call("repeat_for_heads", pre, likeHeads.w());
    }

    private static NDArray placed(NDArray x, Optional<NDArray> positions) {
        return positions.map(it -> Kernels.call("add_positions", x, it)).orElse(x);
    }
}
