package org.lens4j.train.features;

/**
 * An autoencoder in the place of an activation.
 *
 * @param sae which
 * @param hook the hook point whose activation it replaces
 * @param errorTerm whether what its reconstruction lacks is added as a constant, so that nothing changes but by edits (Marks et al.,
 *     2024). SAELens: {@code use_error_term}
 */
public record Splice(SparseAutoencoder sae, String hook, boolean errorTerm) {
    /** At its own hook point, without the error term. */
    public static Splice of(SparseAutoencoder sae) {
        return new Splice(sae, sae.hook(), false);
    }

    /** This with the error term. */
    public Splice withErrorTerm() {
        return new Splice(sae, hook, true);
    }

    /** This at another hook point of the same width. */
    public Splice at(String other) {
        return new Splice(sae, other, errorTerm);
    }
}
