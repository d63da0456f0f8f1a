/**
 * What an activation does to the answer: activation patching and what is built on the same engine, ablation; and
 * attribution patching, path patching and edge attribution.
 *
 * <p>Reading order: {@link org.lens4j.analysis.patching.PatchPairs}, {@link org.lens4j.analysis.patching.PatchMetric},
 * {@link org.lens4j.analysis.patching.PatchSite}, {@link org.lens4j.analysis.patching.ActivationPatch}; the engine is
 * {@link org.lens4j.analysis.patching.Sweep} and {@link org.lens4j.analysis.patching.Wave}; pairs of several lengths are
 * {@link org.lens4j.analysis.patching.LengthGroups}. May import analysis and everything it may import.
 */
@NullMarked
package org.lens4j.analysis.patching;

import org.jspecify.annotations.NullMarked;
