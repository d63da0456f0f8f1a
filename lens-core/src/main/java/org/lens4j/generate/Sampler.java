package org.lens4j.generate;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.lens4j.error.Advice;
import org.lens4j.error.UsageException;

/**
 * How the next token is chosen.
 *
 * <pre>{@code
 * Sampler.greedy();
 * Sampler.temperature(0.8).withTopK(50).withTopP(0.9).withSeed(7);
 * }</pre>
 */
public sealed interface Sampler {
    /** The likeliest one, always. TransformerLens: {@code do_sample=False}, or a temperature of 0. */
    static Greedy greedy() {
        return new Greedy(Penalties.none());
    }

    /**
     * By chance, weighted by probability.
     *
     * @param temperature greater than 0; 1 leaves the model's probabilities, less makes the likely likelier
     */
    static Chance temperature(double temperature) {
        return new Chance(temperature, Penalties.none(), OptionalInt.empty(), OptionalDouble.empty(), 0);
    }

    /** What makes repeated tokens less likely. */
    Penalties penalties();

    /**
     * Chooses for one row.
     *
     * @param logits of the next token, {@code [d_vocab]}; not changed
     * @param seen the row's tokens so far, read and written, without padding
     * @param random of this row
     * @return a token id
     */
    int next(float[] logits, List<Long> seen, SplittableRandom random);

    /** Chance for one row: what a row draws does not depend on the rows beside it. */
    SplittableRandom random(int row);

    /**
     * The likeliest token; of equally likely ones the first.
     *
     * @param penalties applied before
     */
    record Greedy(Penalties penalties) implements Sampler {
        /** This with other penalties. TransformerLens applies none when it does not sample. */
        public Greedy withPenalties(Penalties others) {
            return new Greedy(others);
        }

        @Override
        public int next(float[] logits, List<Long> seen, SplittableRandom random) {
            double[] scores = widened(logits, 1);
            penalties.apply(scores, seen);
            int best = 0;
            for (int token = 1; token < scores.length; token++) {
                best = scores[token] > scores[best] ? token : best;
            }
            return best;
        }

        @Override
        public SplittableRandom random(int row) {
            return new SplittableRandom(row);
        }
    }

    /**
     * A draw. In this order: logits are divided by the temperature, penalties are taken, {@code topK} tokens are left, and of
     * these so many of the likeliest as reach {@code topP}. TransformerLens's {@code sample_logits} has the same order, but
     * looks at {@code top_p} only where {@code top_k} is not given ({@code elif}); here both may be given.
     *
     * @param temperature greater than 0
     * @param penalties applied to the logits after the temperature
     * @param topK how many tokens may be drawn; empty for all
     * @param topP the likeliest tokens whose probabilities reach this may be drawn, above 0 and at most 1; empty for all
     * @param seed the same seed draws the same tokens
     */
    record Chance(double temperature, Penalties penalties, OptionalInt topK, OptionalDouble topP, long seed)
            implements Sampler {
        /** Checks the ranges. */
        public Chance {
            if (!(temperature > 0) || !Double.isFinite(temperature)) {
                throw new UsageException("A temperature of %s was asked for, and it must be greater than 0. %s"
                        .formatted(temperature, Advice.LIKELIEST_TOKEN.text()));
            }
            topK.ifPresent(k -> {
                if (k < 1) {
                    throw new UsageException(
                            "Top-k of %d leaves no token to draw. Use 1 or more, or leave it out for all."
                                    .formatted(k));
                }
            });
            topP.ifPresent(p -> {
                if (!(p > 0 && p <= 1)) {
                    throw new UsageException(
                            "Top-p of %s is no probability to reach. Use a number above 0 and at most 1.".formatted(p));
                }
            });
        }

        /** This with only so many tokens to draw from. */
        public Chance withTopK(int k) {
            return new Chance(temperature, penalties, OptionalInt.of(k), topP, seed);
        }

        /** This with only the likeliest tokens that together reach a probability. */
        public Chance withTopP(double p) {
            return new Chance(temperature, penalties, topK, OptionalDouble.of(p), seed);
        }

        /** This with other penalties. */
        public Chance withPenalties(Penalties others) {
            return new Chance(temperature, others, topK, topP, seed);
        }

        /** This with other dice. */
        public Chance withSeed(long other) {
            return new Chance(temperature, penalties, topK, topP, other);
        }

        @Override
        public int next(float[] logits, List<Long> seen, SplittableRandom random) {
            double[] scores = widened(logits, temperature);
            penalties.apply(scores, seen);
            double[] weights = weights(scores);
            int[] kept = topK.isPresent() || topP.isPresent() ? kept(scores, weights) : all(scores.length);
            double total = 0;
            for (int token : kept) {
                total += weights[token];
            }
            double drawn = random.nextDouble() * total;
            for (int token : kept) {
                drawn -= weights[token];
                if (drawn < 0) {
                    return token;
                }
            }
            // Rounding may leave a crumb.
            return kept[kept.length - 1];
        }

        /** The tokens that may be drawn, likeliest first. */
        private int[] kept(double[] scores, double[] weights) {
            int[] ranked = ranked(scores);
            int count = Math.min(topK.orElse(ranked.length), ranked.length);
            if (topP.isEmpty()) {
                return Arrays.copyOf(ranked, count);
            }
            double total = 0;
            for (int rank = 0; rank < count; rank++) {
                total += weights[ranked[rank]];
            }
            double reached = 0;
            int needed = 0;
            while (needed < count && reached <= topP.getAsDouble() * total) {
                reached += weights[ranked[needed]];
                needed++;
            }
            return Arrays.copyOf(ranked, needed);
        }

        @Override
        public SplittableRandom random(int row) {
            // Rows and seeds must not stand for one another, so the row is spread over all bits.
            return new SplittableRandom(seed ^ (row * 0x9e3779b97f4a7c15L));
        }
    }

    private static double[] widened(float[] logits, double temperature) {
        double[] scores = new double[logits.length];
        for (int token = 0; token < scores.length; token++) {
            scores[token] = logits[token] / temperature;
        }
        return scores;
    }

    /** Probabilities up to a factor. */
    private static double[] weights(double[] scores) {
        double most = Arrays.stream(scores).max().orElse(0);
        double[] weights = new double[scores.length];
        for (int token = 0; token < scores.length; token++) {
            weights[token] = Math.exp(scores[token] - most);
        }
        return weights;
    }

    private static int[] all(int count) {
        int[] all = new int[count];
        Arrays.setAll(all, token -> token);
        return all;
    }

    /** Token ids, highest score first, of equal ones the smaller id: sorted as numbers that hold score and id. */
    private static int[] ranked(double[] scores) {
        long[] keys = new long[scores.length];
        for (int token = 0; token < keys.length; token++) {
            int bits = Float.floatToIntBits((float) scores[token]);
            int ascending = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
            keys[token] = ((long) ~ascending << 32) | token;
        }
        Arrays.sort(keys);
        int[] ranked = new int[keys.length];
        Arrays.setAll(ranked, rank -> (int) keys[rank]);
        return ranked;
    }
}
