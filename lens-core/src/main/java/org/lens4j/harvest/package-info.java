/**
 * Streams a corpus through a model into files of activations, for sparse autoencoders and probes: constant memory, and a
 * harvest that was stopped or killed goes on where its last finished file ends.
 *
 * <p>Reading order: {@link org.lens4j.harvest.Harvest}, {@link org.lens4j.harvest.HarvestOptions},
 * {@link org.lens4j.harvest.Corpus} and its {@code CorpusReader}, {@code Contexts} (documents to contexts),
 * {@code Harvesting} (one run from lock to last file), {@link org.lens4j.harvest.HarvestIndex} (what is known of a harvest on
 * the disk). May import error, config, tensor, weights, hub, text, hook, cache, model, load.
 */
@NullMarked
package org.lens4j.harvest;

import org.jspecify.annotations.NullMarked;
