/**
 * The activations of one run, by hook name, and what keeping them will take.
 *
 * <p>Start with {@link org.lens4j.cache.ActivationCache}. May import error, config, tensor, hook, text. The model imports
 * this package, because {@code runWithCache} gives a cache back.
 */
@NullMarked
package org.lens4j.cache;

import org.jspecify.annotations.NullMarked;
