package org.lens4j.family;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.lens4j.config.ModelConfig;

/**
 * How one parameter comes about. Names and sources may hold {@code {l}}: such a row stands for one in each layer.
 *
 * <p>The axes in patterns are h heads, m d_model, d d_head, f d_mlp, v d_vocab, p n_ctx.
 */
public sealed interface Row {
    /** Our name, TransformerLens's spelling, for example {@code blocks.{l}.attn.W_Q}. */
    String ours();

    /** The axes of our parameter, blank-separated: {@code h m d}. */
    String axes();

    /** How large each axis is in a model. */
    static Map<String, Long> sizes(ModelConfig config) {
        return Map.of(
                "h", (long) config.nHeads(),
                "m", (long) config.dModel(),
                "d", (long) config.dHead(),
                "f", (long) config.dMlp(),
                "v", (long) config.dVocab(),
                "p", (long) config.nCtx());
    }

    /** The shape of our parameter in a model. */
    default Shape shape(ModelConfig config) {
        Map<String, Long> sizes = sizes(config);
        return new Shape(Arrays.stream(axes().split(" ", -1))
                .mapToLong(axis -> Objects.requireNonNull(sizes.get(axis)))
                .toArray());
    }

    /** How many parameters the row stands for. */
    default int repetitions(ModelConfig config) {
        return ours().contains("{l}") ? config.nLayers() : 1;
    }

    /** Whether this is the unembedding, which a checkpoint with tied embeddings does not hold. */
    default boolean isUnembedding() {
        return this instanceof Stored stored && stored.theirs().equals(Family.UNEMBED);
    }

    /** A name with the layer filled in. */
    static String at(String template, int layer) {
        return template.replace("{l}", Integer.toString(layer));
    }

    /**
     * Read from the checkpoint.
     *
     * @param ours our name
     * @param theirs the checkpoint's name
     * @param layout how theirs becomes ours, as {@link org.lens4j.tensor.Rearrange} writes it
     * @param part which index of the first axis of the result is taken, for tensors that fuse several of ours; -1 for all
     */
    record Stored(String ours, String theirs, String layout, int part) implements Row {
        @Override
        public String axes() {
            String right = layout.substring(layout.indexOf("->") + 2).strip();
            return part < 0 ? right : right.substring(right.indexOf(' ') + 1);
        }
    }

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
