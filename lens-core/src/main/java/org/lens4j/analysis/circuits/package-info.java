/**
 * What single heads, pairs of heads and neurons do, from their attention, their weights and the texts that move them.
 *
 * <p>Reading order: {@link org.lens4j.analysis.circuits.RepeatedTokens} (the text that tells heads apart),
 * {@link org.lens4j.analysis.circuits.HeadScores} and {@link org.lens4j.analysis.circuits.HeadDetector};
 * {@link org.lens4j.analysis.circuits.FactoredMatrix}, {@link org.lens4j.analysis.circuits.HeadMatrices} and
 * {@link org.lens4j.analysis.circuits.CompositionScores} (weights);
 * {@link org.lens4j.analysis.circuits.SingularDirections} and {@link org.lens4j.analysis.circuits.NeuronExamples} (in words).
 * May import analysis and everything it may import.
 */
@NullMarked
package org.lens4j.analysis.circuits;

import org.jspecify.annotations.NullMarked;
