/**
 * Exact rewrites of parameters that leave the model's log-probabilities as they are and make its parts easier to read: one
 * class for each pass.
 *
 * <p>Reading order: {@link org.lens4j.process.Pass}, {@link org.lens4j.process.Processing} (which passes, in which order),
 * then the passes. They change parameters in place. May import error, config, tensor, weights.
 */
@NullMarked
package org.lens4j.process;

import org.jspecify.annotations.NullMarked;
