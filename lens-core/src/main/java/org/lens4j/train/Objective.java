package org.lens4j.train;

import ai.djl.ndarray.NDArray;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Kernels;

/**
 * What a training makes small. Called with autograd on: no operator with a Java number, everything in native memory.
 *
 * <pre>{@code
 * Objective.nextToken();
 * Objective.nextTokenWhere(mask);    // mask [batch pos-1], 1 where the next token counts and 0 where not
 * }</pre>
 */
@FunctionalInterface
public interface Objective {
    /**
     * The number to make smaller.
     *
     * @param logits recorded, {@code [batch pos d_vocab]}
     * @param tokens int64 {@code [batch pos]}
     * @return rank 0, owned by the logits' manager
     */
    NDArray loss(NDArray logits, NDArray tokens);

    /** The mean surprise at the next token, in nats. */
    static Objective nextToken() {
        return (logits, tokens) ->
                Kernels.call("next_token_loss", logits, tokens).mean();
    }

    /**
     * The mean surprise, in nats, at the next tokens that the row itself gives away: those that followed the same token
     * earlier in the row. What an induction head predicts.
     */
    static Objective repeatedPairs() {
        return (logits, tokens) -> Kernels.call(
                "masked_mean",
                Kernels.call("next_token_loss", logits, tokens),
                Autograd.recording(false, () -> Kernels.call("repeated_pairs", tokens)));
    }

    /**
     * The mean surprise at some of the next tokens, in nats.
     *
     * @param mask float32 {@code [batch pos-1]}, 1 where the next token counts and 0 where not; read in every step
     */
    static Objective nextTokenWhere(NDArray mask) {
        return (logits, tokens) -> Kernels.call("masked_mean", Kernels.call("next_token_loss", logits, tokens), mask);
    }
}
