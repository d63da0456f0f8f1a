/**
 * What the model would say: next-token predictions, and the logit lens on every layer.
 *
 * <p>Reading order: {@link org.lens4j.analysis.logits.Prediction}, {@link org.lens4j.analysis.logits.NextTokens},
 * {@link org.lens4j.analysis.logits.LogitLens}; {@link org.lens4j.analysis.logits.MaskedTokens} for encoders. May import analysis and everything it may import.
 */
@NullMarked
package org.lens4j.analysis.logits;

import org.jspecify.annotations.NullMarked;
