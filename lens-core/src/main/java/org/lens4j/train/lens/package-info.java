/**
 * The tuned lens: one affine map for each place of the residual stream, trained so that reading there says what the model says
 * in the end.
 *
 * <p>Reading order: {@link org.lens4j.train.lens.TunedLens}, {@link org.lens4j.train.lens.TunedLensTraining}. It is read by
 * {@code analysis.logits}, as any {@link org.lens4j.analysis.logits.Translation}. May import what {@link org.lens4j.train}
 * may, and that.
 */
@NullMarked
package org.lens4j.train.lens;

import org.jspecify.annotations.NullMarked;
