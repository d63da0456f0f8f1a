package org.lens4j.config;

import java.util.Optional;

/** How a model knows where a token stands. TransformerLens: {@code positional_embedding_type}. */
public sealed interface PositionEmbedding {
    /** A learned vector for each position, added to the token's ({@code standard}). */
    record Learned() implements PositionEmbedding {}

    /**
     * A learned vector for each position, added to what queries and keys read, not to the residual stream (Press et al.,
     * 2021, "Shortformer").
     */
    record Shortformer() implements PositionEmbedding {}

    /** Scores fall linearly with distance, steeper or flatter by head (Press et al., 2022). */
    record Alibi() implements PositionEmbedding {}

    /**
     * Every score gets a learned number that depends on the head and on how far apart query and key are; far distances share
     * one (Raffel et al., 2020; {@code relative_positional_bias}). The first block's table serves all blocks of its stack.
     *
     * @param count of distances told apart, in both directions together
     * @param maxDistance from here on all distances are the same
     */
    record Buckets(int count, int maxDistance) implements PositionEmbedding {
        /** Checks that there is room for near and far in both directions. */
        public Buckets {
            Checks.positive("max distance", maxDistance);
            if (count < 4 || count % 4 != 0 || maxDistance <= count / 2) {
                throw new IllegalArgumentException(
                        "%d buckets of distance up to %d cannot be: their number must be a multiple of 4, and the distance more than half of it."
                                .formatted(count, maxDistance));
            }
        }
    }

    /**
     * Queries and keys are rotated by an angle that grows with the position (Su et al., 2021).
     *
     * @param dim how many dimensions of each head are rotated, the first ones; even
     * @param base the angle of pair i is position / base^(2 i / dim)
     * @param adjacentPairs whether dimensions 2i and 2i+1 form a pair (GPT-J), instead of i and i + dim/2
     * @param scaling how angles change for long texts
     * @param localBase the base of layers that look back only a window, where it differs (Gemma 3); never scaled
     */
    record Rotary(int dim, double base, boolean adjacentPairs, RopeScaling scaling, Optional<Double> localBase)
            implements PositionEmbedding {
        /** Checks dim and base. */
        public Rotary {
            Checks.positive("rotary dim", dim);
            Checks.positive("rotary base", base);
            localBase.ifPresent(it -> Checks.positive("local rotary base", it));
            if (dim % 2 != 0) {
                throw new IllegalArgumentException(
                        "Rotation needs pairs, and rotary dim is " + dim + ", which is odd.");
            }
        }

        /** All pairs in halves, unscaled. */
        public Rotary(int dim, double base) {
            this(dim, base, false, new RopeScaling.None(), Optional.empty());
        }

        /** This with pairs of neighbours. */
        public Rotary withAdjacentPairs() {
            return new Rotary(dim, base, true, scaling, localBase);
        }

        /** This with another scaling. */
        public Rotary withScaling(RopeScaling other) {
            return new Rotary(dim, base, adjacentPairs, other, localBase);
        }

        /** This with another base in local layers. */
        public Rotary withLocalBase(double other) {
            return new Rotary(dim, base, adjacentPairs, scaling, Optional.of(other));
        }

        /** What a layer of that span uses: itself, or the local base without scaling. */
        public Rotary in(AttentionSpan span) {
            return span instanceof AttentionSpan.Local && localBase.isPresent()
                    ? new Rotary(dim, localBase.get(), adjacentPairs, new RopeScaling.None(), Optional.empty())
                    : new Rotary(dim, base, adjacentPairs, scaling, Optional.empty());
        }
    }
}
