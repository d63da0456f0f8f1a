package org.lens4j.config;

/**
 * Sizes of the axes all parts of a model share.
 *
 * @param nLayers blocks
 * @param dModel width of the residual stream
 * @param dVocab tokens the model can read
 * @param dVocabOut tokens it can say; nearly always the same
 * @param nCtx most positions a run may have
 */
public record Sizes(int nLayers, int dModel, int dVocab, int dVocabOut, int nCtx) {
    /** Checks that all are positive. */
    public Sizes {
        Checks.positive("nLayers", nLayers);
        Checks.positive("dModel", dModel);
        Checks.positive("dVocab", dVocab);
        Checks.positive("dVocabOut", dVocabOut);
        Checks.positive("nCtx", nCtx);
    }

    /** A model that says the tokens it reads. */
    public Sizes(int nLayers, int dModel, int dVocab, int nCtx) {
        this(nLayers, dModel, dVocab, dVocab, nCtx);
    }
}
