/**
 * What is trained on harvested activations and read in a model: probes, and sparse autoencoders.
 *
 * <p>Reading order: {@link org.lens4j.train.features.ProbeTraining} and what it gives, {@link
 * org.lens4j.train.features.ProbeReport}; then {@link org.lens4j.train.features.SparseAutoencoder}, {@link
 * org.lens4j.train.features.SaeTraining}, {@link org.lens4j.train.features.SaeQuality}, {@link
 * org.lens4j.train.features.SplicedModel} (an autoencoder inside a model), {@link
 * org.lens4j.train.features.FeatureExamples}. May import what {@link org.lens4j.train} may, and that.
 */
@NullMarked
package org.lens4j.train.features;

import org.jspecify.annotations.NullMarked;
