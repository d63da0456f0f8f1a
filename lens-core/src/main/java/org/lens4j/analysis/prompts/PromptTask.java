package org.lens4j.analysis.prompts;

import org.lens4j.model.HookedModel;

/** A kind of prompt pair that can be drawn for any model that has a tokenizer. */
public interface PromptTask {
    /** What it is about, in a few words. */
    String name();

    /**
     * Draws pairs the model's tokenizer leaves equally long, with answers of one token each; others are passed over.
     *
     * @param model whose tokenizer decides; the model is not run
     * @param count how many; fewer come where the task has fewer
     * @param seed the same seed gives the same pairs
     * @throws org.lens4j.error.UsageException if the tokenizer leaves none; says what stood in the way
     * @throws org.lens4j.error.StateException if the model has no tokenizer
     */
    PromptPairs pairs(HookedModel model, int count, long seed);
}
