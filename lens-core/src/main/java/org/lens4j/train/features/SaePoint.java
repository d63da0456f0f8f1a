package org.lens4j.train.features;

import java.util.Locale;

/** A point inside an autoencoder that stands in a model, in firing order. SAELens: the names of its hook points. */
public enum SaePoint {
    /** What it reads, {@code [batch pos d_in]}. */
    INPUT,
    /** Features' sums, {@code [batch pos d_sae]}. */
    ACTS_PRE,
    /** Features' activations, {@code [batch pos d_sae]}. */
    ACTS_POST,
    /** What the activations stand for, {@code [batch pos d_in]}. */
    RECONS,
    /** What the unedited reconstruction lacks, {@code [batch pos d_in]}; only with the error term. */
    ERROR,
    /** What the model goes on with, {@code [batch pos d_in]}. */
    OUTPUT;

    /** Its name below a hook point: {@code blocks.1.hook_resid_post.hook_sae_acts_post}. */
    public String in(String hook) {
        return hook + ".hook_sae_" + name().toLowerCase(Locale.ROOT);
    }
}
