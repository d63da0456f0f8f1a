/**
 * What single heads do: scores of the well-known kinds of attention head.
 *
 * <p>Reading order: {@link org.lens4j.analysis.circuits.RepeatedTokens} (the text that tells heads apart),
 * {@link org.lens4j.analysis.circuits.HeadScores}. May import analysis and everything it may import.
 */
@NullMarked
package org.lens4j.analysis.circuits;

import org.jspecify.annotations.NullMarked;
