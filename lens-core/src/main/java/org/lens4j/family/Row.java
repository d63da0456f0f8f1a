package org.lens4j.family;

/**
 * How one parameter comes about. Names and sources may hold {@code {l}}: such a row stands for one in each layer.
 *
 * <p>The axes in patterns are h heads, m d_model, d d_head, f d_mlp, v d_vocab, p n_ctx.
 */
public sealed interface Row {
    /** Our name, TransformerLens's spelling, for example {@code blocks.{l}.attn.W_Q}. */
    String ours();

    /**
     * Read from the checkpoint.
     *
     * @param ours our name
     * @param theirs the checkpoint's name
     * @param layout how theirs becomes ours, as {@link org.lens4j.tensor.Rearrange} writes it
     * @param part which index of the first axis of the result is taken, for tensors that fuse several of ours; -1 for all
     */
    record Stored(String ours, String theirs, String layout, int part) implements Row {}

    /**
     * Zeros: a parameter this architecture does not have.
     *
     * @param ours our name
     * @param axes its axes, blank-separated
     */
    record Zero(String ours, String axes) implements Row {}

    /** A whole tensor in another layout. */
    static Row of(String ours, String theirs, String layout) {
        return new Stored(ours, theirs, layout, -1);
    }

    /** One part of a tensor that fuses several parameters; the layout's first axis counts the parts. */
    static Row part(String ours, String theirs, String layout, int part) {
        return new Stored(ours, theirs, layout, part);
    }

    /** Zeros of these axes. */
    static Row zero(String ours, String axes) {
        return new Zero(ours, axes);
    }
}
