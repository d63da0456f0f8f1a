package org.lens4j.config;

/**
 * The layer norms of a model.
 *
 * @param blocks kind before attention and MLP
 * @param last kind before the unembedding
 * @param afterParts whether what attention and MLP write is normalised too (Gemma 2)
 * @param afterEmbedding whether the token embedding is normalised (Bloom)
 * @param eps added to the variance by all of them
 */
public record Norms(Norm blocks, Norm last, boolean afterParts, boolean afterEmbedding, float eps) {
    /** Checks eps, and that norms after parts have a kind. */
    public Norms {
        Checks.notNegative("eps", eps);
        if (afterParts && blocks == Norm.NONE) {
            throw new IllegalArgumentException(
                    "Norms on what attention and MLP write are of the kind before them, and these blocks have none.");
        }
    }

    /** LayerNorm before each part and at the end. */
    public static Norms layerNorm(float eps) {
        return new Norms(Norm.LAYER, Norm.LAYER, false, false, eps);
    }

    /** RMSNorm before each part and at the end. */
    public static Norms rms(float eps) {
        return new Norms(Norm.RMS, Norm.RMS, false, false, eps);
    }

    /** No norm anywhere. */
    public static Norms none() {
        return new Norms(Norm.NONE, Norm.NONE, false, false, 0);
    }

    /** This with norms on what attention and MLP write. */
    public Norms withAfterParts() {
        return new Norms(blocks, last, true, afterEmbedding, eps);
    }

    /** This with a norm on the token embedding. */
    public Norms withAfterEmbedding() {
        return new Norms(blocks, last, afterParts, true, eps);
    }

    /** This with another kind before the unembedding. */
    public Norms withLast(Norm kind) {
        return new Norms(blocks, kind, afterParts, afterEmbedding, eps);
    }
}
