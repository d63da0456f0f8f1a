/**
 * The activations of one run, by hook name, within a budget of native memory; what keeping them will take, and how they are
 * written to a file and read back.
 *
 * <p>Start with {@link org.lens4j.cache.ActivationCache}, then {@link org.lens4j.cache.CachePlan},
 * {@link org.lens4j.cache.CacheBudget} and {@link org.lens4j.cache.CacheWriter}; inside, {@code Store} holds {@code Slot}s. May
 * import error, config, tensor, hook, text, weights. The model imports this package, because {@code runWithCache} gives a
 * cache back.
 */
@NullMarked
package org.lens4j.cache;

import org.jspecify.annotations.NullMarked;
