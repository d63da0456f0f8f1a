package org.lens4j.family;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Stacks;

/**
 * How one parameter comes about. Names and sources may hold {@code {l}} and {@code {e}}: such a row stands for one in each
 * layer and for each expert.
 *
 * <p>The axes in patterns are h heads, g heads of keys and values, m d_model, d d_head, f d_mlp, v d_vocab, o d_vocab_out, p
 * n_ctx, e experts, t kinds of segments, r buckets of distance, n next or not; w is d_model once more, where the residual
 * stream is mapped to itself.
 */
public sealed interface Row {
    /** Our name, TransformerLens's spelling, for example {@code blocks.{l}.attn.W_Q}. */
    String ours();

    /** The axes of our parameter, blank-separated: {@code h m d}. */
    String axes();

    /** This row for one layer and one expert. */
    Row at(int layer, int expert);

    /** How large each axis is in a model. */
    static Map<String, Long> sizes(ModelConfig config) {
        return Map.ofEntries(
                Map.entry("h", (long) config.nHeads()),
                Map.entry("g", (long) config.nKvHeads()),
                Map.entry("m", (long) config.dModel()),
                Map.entry("w", (long) config.dModel()),
                Map.entry("d", (long) config.dHead()),
                Map.entry("f", (long) config.dMlp()),
                Map.entry("v", (long) config.dVocab()),
                Map.entry("o", (long) config.dVocabOut()),
                Map.entry("p", (long) config.nCtx()),
                Map.entry("e", config.mlp() instanceof Mlp.Experts mixture ? (long) mixture.experts() : 0L),
                Map.entry("t", config.stacks() instanceof Stacks.Encoder reader ? (long) reader.tokenTypes() : 0L),
                Map.entry("r", config.positions() instanceof PositionEmbedding.Buckets far ? (long) far.count() : 0L),
                Map.entry("n", 2L));
    }

    /** What an axis of patterns is called elsewhere, for messages; empty if it is not one of a model. */
    static Optional<String> axisName(String axis) {
        return switch (axis) {
            case "h" -> Optional.of("head");
            case "g" -> Optional.of("kv_head");
            case "m" -> Optional.of("d_model");
            case "d" -> Optional.of("d_head");
            case "f" -> Optional.of("d_mlp");
            case "v" -> Optional.of("d_vocab");
            case "o" -> Optional.of("d_vocab_out");
            case "p" -> Optional.of("n_ctx");
            case "e" -> Optional.of("expert");
            default -> Optional.empty();
        };
    }

    /** The shape of our parameter in a model. */
    default Shape shape(ModelConfig config) {
        Map<String, Long> sizes = sizes(config);
        return new Shape(Arrays.stream(axes().split(" ", -1))
                .mapToLong(axis -> Optional.ofNullable(sizes.get(axis))
                        .orElseThrow(() -> new IllegalArgumentException(
                                "%s has the axis \"%s\", and a model has %s. Write the layout with those."
                                        .formatted(
                                                ours(),
                                                axis,
                                                sizes.keySet().stream().sorted().toList()))))
                .toArray());
    }

    /** This row once for each layer and expert it stands for. */
    default List<Row> expanded(ModelConfig config) {
        int ofStack = ours().startsWith("decoder.") ? config.decoder().nLayers() : config.nLayers();
        int layers = ours().contains("{l}") ? ofStack : 1;
        int experts = ours().contains("{e}") && config.mlp() instanceof Mlp.Experts mixture ? mixture.experts() : 1;
        List<Row> rows = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            for (int expert = 0; expert < experts; expert++) {
                rows.add(at(layer, expert));
            }
        }
        return rows;
    }

    /** Whether this is the unembedding, which a checkpoint with tied embeddings does not hold. */
    default boolean isUnembedding() {
        return ours().equals(UNEMBEDDING);
    }

    /** Whether this is the token embedding. */
    default boolean isEmbedding() {
        return ours().equals(EMBEDDING) || ours().equals(EMBEDDING_OF_ENCODER);
    }

    /** Our name of the unembedding. */
    String UNEMBEDDING = "unembed.W_U";

    /** Our name of the token embedding. */
    String EMBEDDING = "embed.W_E";

    /** Our name of the token embedding of a model that is an encoder. */
    String EMBEDDING_OF_ENCODER = "embed.embed.W_E";

    /**
     * Read from the checkpoint.
     *
     * @param ours our name
     * @param theirs the checkpoint's name
     * @param layout how theirs becomes ours, as {@link org.lens4j.tensor.Rearrange} writes it
     * @param piece which piece of the checkpoint's tensor it is
     * @param change what is done to its numbers
     * @param atTop whether the checkpoint's name stands outside the prefix the others have
     */
    record Stored(String ours, String theirs, String layout, Piece piece, Change change, boolean atTop) implements Row {
        @Override
        public String axes() {
            String right = layout.substring(layout.indexOf("->") + 2).strip();
            return piece instanceof Piece.Part ? right.substring(right.indexOf(' ') + 1) : right;
        }

        @Override
        public Stored at(int layer, int expert) {
            return new Stored(filled(ours, layer, expert), filled(theirs, layer, expert), layout, piece, change, atTop);
        }

        /** This, multiplied by a number. */
        public Stored times(double factor) {
            return new Stored(ours, theirs, layout, piece, new Change(factor, change.plus()), atTop);
        }

        /** This, with a number added. */
        public Stored plus(double number) {
            return new Stored(ours, theirs, layout, piece, new Change(change.times(), number), atTop);
        }

        /** This, under a name that stands outside the prefix the others have. */
        public Stored outsidePrefix() {
            return new Stored(ours, theirs, layout, piece, change, true);
        }

        /** This, as the part of that index on the first axis of the layout's right side. */
        public Stored part(int index) {
            return new Stored(ours, theirs, layout, new Piece.Part(index), change, atTop);
        }

        /**
         * This, as the stretch of the checkpoint's tensor that begins there; its length follows from the layout.
         *
         * @param axis of the checkpoint's tensor, which the layout's left side describes without the rest of it
         * @param from first index
         */
        public Stored from(int axis, long from) {
            return new Stored(ours, theirs, layout, new Piece.Stretch(axis, from), change, atTop);
        }
    }

    /** Which piece of a tensor that fuses several parameters. */
    sealed interface Piece {
        /** All of it. */
        record Whole() implements Piece {}

        /**
         * One index of the first axis on the layout's right side, an axis that our parameter then lacks.
         *
         * @param index from 0
         */
        record Part(int index) implements Piece {}

        /**
         * A stretch of one axis of the checkpoint's tensor.
         *
         * @param axis from 0
         * @param from first index
         */
        record Stretch(int axis, long from) implements Piece {}
    }

    /**
     * What is done to the numbers: {@code ours = theirs * times + plus}.
     *
     * @param times factor
     * @param plus summand
     */
    record Change(double times, double plus) {
        /** Nothing. */
        public static final Change NONE = new Change(1, 0);
    }

    /**
     * One number everywhere: a parameter this architecture does not have.
     *
     * @param ours our name
     * @param axes its axes, blank-separated
     * @param value 0 for biases, 1 for gains
     */
    record Constant(String ours, String axes, float value) implements Row {
        @Override
        public Constant at(int layer, int expert) {
            return new Constant(filled(ours, layer, expert), axes, value);
        }
    }

    private static String filled(String template, int layer, int expert) {
        return template.replace("{l}", Integer.toString(layer)).replace("{e}", Integer.toString(expert));
    }

    /** A whole tensor in another layout. */
    static Stored of(String ours, String theirs, String layout) {
        return new Stored(ours, theirs, layout, new Piece.Whole(), Change.NONE, false);
    }

    /** Zeros of these axes. */
    static Constant zero(String ours, String axes) {
        return new Constant(ours, axes, 0);
    }
}
