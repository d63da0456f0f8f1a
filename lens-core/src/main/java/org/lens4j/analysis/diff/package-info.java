/**
 * Two models, or one model with two sets of weights, on the same prompt: {@link org.lens4j.analysis.diff.ModelDiff}.
 *
 * <p>May import what {@link org.lens4j.analysis} may, and that.
 */
@NullMarked
package org.lens4j.analysis.diff;

import org.jspecify.annotations.NullMarked;
