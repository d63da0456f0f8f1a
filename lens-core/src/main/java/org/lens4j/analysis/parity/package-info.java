/**
 * Whether a model computes what it should: its activations beside those of a reference implementation, hook by hook.
 *
 * <p>Start with {@link org.lens4j.analysis.parity.Parity}, then {@link org.lens4j.analysis.parity.Reference} and
 * {@link org.lens4j.analysis.parity.Finding}. May import error, tensor, hook, weights, text, cache, model.
 */
@NullMarked
package org.lens4j.analysis.parity;

import org.jspecify.annotations.NullMarked;
