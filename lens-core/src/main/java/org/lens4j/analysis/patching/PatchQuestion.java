package org.lens4j.analysis.patching;

import java.util.List;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.error.UsageException;

/**
 * Prompts to patch with what is measured of them: one batch with metrics of its own, or pairs of any lengths that know their
 * answers. For those who are asked in words: the command line and magics.
 *
 * <pre>{@code
 * PatchQuestion question = new PatchQuestion.OfPairs(PairFile.read(model, file), List.of(MetricKind.RECOVERED));
 * PatchResult found = question.patched(site, (pairs, metrics) -> ActivationPatch.of(model, pairs, metrics), listener);
 * }</pre>
 */
public sealed interface PatchQuestion {
    /** How the sweep of one batch is made. */
    @FunctionalInterface
    interface Making {
        /** Makes it; it is not run. */
        Patching of(PatchPairs pairs, PatchMetric... metrics);
    }

    /** Makes every patch of a site, as {@link Patching#run} does. */
    PatchResult patched(PatchSite site, Making making, PatchListener listener);

    /**
     * One batch.
     *
     * @param metrics at least one
     */
    record OfBatch(PatchPairs pairs, List<PatchMetric> metrics) implements PatchQuestion {
        /**
         * Copies the metrics.
         *
         * @throws UsageException if nothing is corrupted
         */
        public OfBatch {
            if (pairs.clean().equals(pairs.corrupted())) {
                throw new UsageException(
                        "The clean and the corrupted prompt are the same tokens, so no patch changes anything. Change a word of one of them.");
            }
            metrics = List.copyOf(metrics);
        }

        @Override
        public PatchResult patched(PatchSite site, Making making, PatchListener listener) {
            return making.of(pairs, metrics.toArray(PatchMetric[]::new))
                    .withListener(listener)
                    .run(site);
        }
    }

    /**
     * Pairs of any lengths.
     *
     * @param metrics at least one, of the pairs' own answers
     */
    record OfPairs(PromptPairs pairs, List<MetricKind> metrics) implements PatchQuestion {
        /** Copies the metrics. */
        public OfPairs {
            metrics = List.copyOf(metrics);
        }

        @Override
        public PatchResult patched(PatchSite site, Making making, PatchListener listener) {
            return new LengthGroups(pairs)
                    .run(
                            site,
                            group -> making.of(
                                    PatchPairs.of(group),
                                    metrics.stream().map(it -> it.of(group)).toArray(PatchMetric[]::new)),
                            listener);
        }
    }
}
