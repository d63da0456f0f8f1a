package org.lens4j.analysis.logits;

/**
 * One candidate for the next token.
 *
 * @param rank 0 for the likeliest
 * @param tokenId its id in the vocabulary
 * @param token its text, decoded, with its leading space
 * @param logit the model's raw score
 * @param probability softmax of the logits, 0 to 1
 */
public record Prediction(int rank, int tokenId, String token, float logit, float probability) {}
