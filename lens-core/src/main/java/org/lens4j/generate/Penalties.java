package org.lens4j.generate;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lens4j.error.UsageException;

/**
 * What makes a token less likely that was read or written before.
 *
 * @param frequency taken from its logit for each time it occurred, 0 for nothing; negative makes it likelier.
 *     TransformerLens: {@code freq_penalty}
 * @param repetition its logit is divided by this if positive and multiplied if negative, once however often it occurred, 1 for
 *     nothing (Keskar et al., 2019). TransformerLens 3: {@code repetition_penalty}
 */
public record Penalties(double frequency, double repetition) {
    /** Checks the ranges. */
    public Penalties {
        if (!Double.isFinite(frequency)) {
            throw new UsageException(
                    "A frequency penalty of %s is no number to take from a logit. Use 0 for none, 0.5 for some."
                            .formatted(frequency));
        }
        if (!(repetition > 0) || !Double.isFinite(repetition)) {
            throw new UsageException(
                    "A repetition penalty of %s was asked for, and it must be greater than 0. Use 1 for none, 1.2 for some."
                            .formatted(repetition));
        }
    }

    /** Nothing is made less likely. */
    public static Penalties none() {
        return new Penalties(0, 1);
    }

    boolean isNone() {
        return frequency == 0 && repetition == 1;
    }

    /**
     * Changes logits.
     *
     * @param logits {@code [d_vocab]}, changed in place
     * @param seen the row's tokens so far, read and written, without padding
     */
    void apply(double[] logits, List<Long> seen) {
        if (isNone()) {
            return;
        }
        Map<Long, Integer> counts = new HashMap<>();
        seen.forEach(id -> counts.merge(id, 1, Integer::sum));
        counts.forEach((id, count) -> {
            if (id < logits.length) {
                int token = Math.toIntExact(id);
                double logit = logits[token];
                double weaker = logit > 0 ? logit / repetition : logit * repetition;
                logits[token] = weaker - frequency * count;
            }
        });
    }
}
