package org.lens4j.analysis.patching;

import org.lens4j.error.UsageException;

/**
 * What a metric is without any patch.
 *
 * @param clean of this prompt's clean run
 * @param corrupted of its corrupted run; NaN where there is none
 * @param gap clean less corrupted, the mean over all prompts
 */
public record Baseline(float clean, float corrupted, float gap) {
    /** The gap, if something can be divided by it. */
    float gapFor(String metric) {
        if (Float.isNaN(gap) || gap == 0) {
            throw new UsageException(
                    "%s says how much of the way from the corrupted to the clean metric is recovered, and there is no way between them (%s). Choose another metric, or prompts that are answered otherwise."
                            .formatted(metric, gap == 0 ? "both are equal" : "there is no corrupted run"));
        }
        return gap;
    }
}
