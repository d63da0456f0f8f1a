/**
 * What the residual stream is made of: its parts by layer, head and neuron, and what each part does to a logit.
 *
 * <p>Reading order: {@link org.lens4j.analysis.residual.ResidualStream} and {@link org.lens4j.analysis.residual.StackOptions}
 * (the parts as tensors), {@link org.lens4j.analysis.residual.ResidualStack},
 * {@link org.lens4j.analysis.residual.LogitAttribution} (what they do to an answer). May import analysis and everything it may
 * import.
 */
@NullMarked
package org.lens4j.analysis.residual;

import org.jspecify.annotations.NullMarked;
