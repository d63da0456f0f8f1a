/**
 * How fast runs are, beside the same model as one graph without hooks.
 *
 * <p>Start with {@link org.lens4j.bench.ForwardBench}. May import error, config, tensor, weights, hook, text, cache, model,
 * load, analysis, generate.
 */
@NullMarked
package org.lens4j.bench;

import org.jspecify.annotations.NullMarked;
