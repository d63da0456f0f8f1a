/**
 * The forward pass, with every internal activation named and reachable.
 *
 * <p>Reading order: {@link org.lens4j.model.HookedTransformer}, {@code ForwardPass}, {@code TransformerBlock},
 * {@code Attention}, {@code MlpBlock}, {@code LayerNorm}; {@code HookDispatch} is where hooks are called. May import
 * error, config, tensor, hook, weights, text, cache.
 */
@NullMarked
package org.lens4j.model;

import org.jspecify.annotations.NullMarked;
