package org.lens4j.model;

import org.lens4j.weights.Parameters;

/** The two forms in which a loaded model's weights can be had. */
public enum WeightForm {
    /** As in the file, to the last bit. */
    RAW,
    /** Rewritten, with the same log-probabilities. */
    PROCESSED;

    /**
     * Where a model's weights come from, so that they can be had in the other form too.
     *
     * @param loaded the form the model has them in
     * @param source makes them in another
     * @param lackOfTokenizer the message for whoever gives the model text though its files have no tokenizer
     */
    public record Origin(WeightForm loaded, Source source, String lackOfTokenizer) {}

    /** Makes the parameters of a model in one form, from the files it was loaded from. */
    @FunctionalInterface
    public interface Source {
        /** Owned by the caller. */
        Parameters parameters(WeightForm form);
    }
}
