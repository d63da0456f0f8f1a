package org.lens4j.analysis.patching;

import java.util.OptionalInt;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.RangeException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.model.HookedTransformer;

/**
 * What a path ends at: what one part of a model reads of the residual stream.
 *
 * @param point the input
 * @param layer from 0; of the logits none
 * @param head which head's; empty for a whole MLP and the logits
 */
public record Receiver(HookPoint point, int layer, OptionalInt head) {
    /** A head's queries. */
    public static Receiver q(int layer, int head) {
        return new Receiver(HookPoint.Q_INPUT, layer, OptionalInt.of(head));
    }

    /** A key head's keys. */
    public static Receiver k(int layer, int head) {
        return new Receiver(HookPoint.K_INPUT, layer, OptionalInt.of(head));
    }

    /** A key head's values. */
    public static Receiver v(int layer, int head) {
        return new Receiver(HookPoint.V_INPUT, layer, OptionalInt.of(head));
    }

    /** An MLP. */
    public static Receiver mlp(int layer) {
        return new Receiver(HookPoint.MLP_IN, layer, OptionalInt.empty());
    }

    /** The last norm and the unembedding. */
    public static Receiver logits() {
        return new Receiver(HookPoint.RESID_POST, HookName.NO_LAYER, OptionalInt.empty());
    }

    boolean isLogits() {
        return point == HookPoint.RESID_POST;
    }

    /** The block it is in; behind the last for the logits. */
    int layerIn(ModelConfig config) {
        return isLogits() ? config.nLayers() : layer;
    }

    /** Whether what a head of a layer writes reaches it, or, for an MLP, what that writes. */
    boolean isAfter(int sender, boolean mlp, ModelConfig config) {
        boolean sameBlock = !mlp && point == HookPoint.MLP_IN && !config.parallel() && layer == sender;
        return sameBlock || layerIn(config) > sender;
    }

    void requireIn(HookedTransformer model) {
        if (isLogits()) {
            return;
        }
        RangeException.index("layer", layer, model.config().nLayers(), model.name());
        model.hooks().named(new HookName(point, layer).full());
        int heads = point == HookPoint.Q_INPUT
                ? model.config().nHeads()
                : model.config().nKvHeads();
        head.ifPresent(it -> RangeException.index("head", it, heads, model.name()));
    }
}
