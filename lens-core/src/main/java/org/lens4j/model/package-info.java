/**
 * The forward pass, with every internal activation named and reachable.
 *
 * <p>Reading order: {@link org.lens4j.model.HookedTransformer}, {@code Transformer}, {@code TransformerBlock},
 * {@code AttentionLayer}, {@code MlpPart}, {@code Normalizer}; {@code HookDispatch} is where hooks are called,
 * {@code Components} where parameters become parts, {@code ModelCore} what all models share. Then the two other classes of
 * {@link org.lens4j.model.HookedModel}: {@link org.lens4j.model.HookedEncoder} (BERT: {@code Encoder}, {@code EncoderBlock})
 * and {@link org.lens4j.model.HookedEncoderDecoder} (T5: {@code TwoStacks}, {@code CrossAttention}). May import error,
 * config, tensor, hook, weights, text, cache.
 */
@NullMarked
package org.lens4j.model;

import org.jspecify.annotations.NullMarked;
