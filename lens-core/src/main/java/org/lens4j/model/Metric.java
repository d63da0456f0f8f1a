package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import org.lens4j.error.RangeException;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * One number that says how well a run did: what gradients are taken of, and what patching compares.
 *
 * <pre>{@code
 * Metric metric = Metric.logitDifference(mary, john);
 * Run run = model.run(tokens, RunOptions.defaults().withMetric(metric).withGradientsOf("blocks.*.hook_resid_post"));
 * NDArray gradient = run.cache().get("blocks.3.hook_resid_post_grad");
 * }</pre>
 */
@FunctionalInterface
public interface Metric {
    /**
     * Computes it, by operators that autograd records: of {@code Kernels} or of DJL.
     *
     * @param logits of the run, {@code [batch pos d_vocab]}
     * @param tokens what was fed; of a model of two stacks, to its decoder
     * @param scope for tensors the computation needs
     * @return a float32 of rank 0, computed from the logits
     */
    NDArray value(NDArray logits, Tokens tokens, Scope scope);

    /**
     * The logit of one token less that of another, at the last position of the first sequence.
     *
     * @param token the right answer
     * @param other the wrong one
     */
    static Metric logitDifference(long token, long other) {
        return (logits, tokens, scope) -> logit(logits, tokens, token, scope).sub(logit(logits, tokens, other, scope));
    }

    /** The logit of a token at the last position of the first sequence. */
    static Metric logit(long token) {
        return (logits, tokens, scope) -> logit(logits, tokens, token, scope);
    }

    /** The natural log of a token's probability at the last position of the first sequence. */
    static Metric logProb(long token) {
        return (logits, tokens, scope) -> logit(Kernels.call("log_softmax", logits), tokens, token, scope);
    }

    /** The mean surprise at the next token, in nats; padding does not count. */
    static Metric loss() {
        return (logits, tokens, scope) -> {
            NDArray ids = tokens.tensor(scope);
            NDArray each = Kernels.call("next_token_loss", logits, ids);
            return tokens.attended(scope)
                    .map(it -> Kernels.call("masked_mean", each, Kernels.call("both_attended", it)))
                    .orElseGet(each::mean);
        };
    }

    private static NDArray logit(NDArray logits, Tokens tokens, long token, Scope scope) {
        long size = logits.getShape().get(2);
        if (token < 0 || token >= size) {
            throw new RangeException(
                    "A metric asks for the logit of token %d, and the model has those of 0 to %d. Is it another model's token?"
                            .formatted(token, size - 1));
        }
        int last = tokens.pos() - 1;
        while (last > 0 && !tokens.isAttended(0, last)) {
            last--;
        }
        return Kernels.call("element", logits, scope.scalar(0L), scope.scalar((long) last), scope.scalar(token));
    }
}
