package org.lens4j;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import org.lens4j.config.Activation;
import org.lens4j.config.Attention;
import org.lens4j.config.AttentionSpan;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norm;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.RopeScaling;
import org.lens4j.config.Sizes;
import org.lens4j.family.NativeRows;
import org.lens4j.family.Row;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Parameters;

/**
 * A tiny model of any shape the config package can say, with random parameters everywhere, biases and gains too. The same seed
 * gives the same model.
 *
 * @param seed of the shape, the parameters and the tokens
 * @param config the shape
 */
public record RandomModel(long seed, ModelConfig config) {
    /** Absolute and relative difference allowed between two ways to compute the same float32 numbers. */
    public static final double TOLERANCE = 2e-4;

    private static final int CONTEXT = 16;

    /** Every seed as likely as any other; no edge cases, as small seeds are no simpler models. */
    public static Arbitrary<RandomModel> any() {
        return Arbitraries.longs().between(0, 1L << 40).withoutEdgeCases().map(RandomModel::of);
    }

    /** Those of a kind. */
    public static Arbitrary<RandomModel> any(Predicate<ModelConfig> kind) {
        return any().filter(10_000, model -> kind.test(model.config()));
    }

    /** The model of a seed. */
    public static RandomModel of(long seed) {
        return new RandomModel(seed, new Shape(new Random(seed)).config());
    }

    /** A model to run, owned by the caller. */
    public HookedTransformer open() {
        return new HookedTransformer("random " + seed, config, parameters(), Optional.empty());
    }

    /** Its parameters, owned by the caller. */
    public Parameters parameters() {
        Random random = new Random(seed + 1);
        Scope scope = Scope.root();
        Map<String, NDArray> byName = new LinkedHashMap<>();
        for (Row template : NativeRows.of(config, false)) {
            for (Row row : template.expanded(config)) {
                ai.djl.ndarray.types.Shape shape = row.shape(config);
                float[] values = new float[Math.toIntExact(shape.size())];
                double mean = row.ours().endsWith(".w") ? 1 : 0;
                // Without norms nothing holds the residual stream back, and rounding would grow with it.
                double weight = config.norms().blocks() == Norm.NONE ? 0.25 : 0.7;
                double size = row.ours().contains("W_") ? weight : 0.3;
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) (mean + size * random.nextGaussian());
                }
                byName.put(row.ours(), scope.floats(values, shape));
            }
        }
        return new Parameters(scope, byName);
    }

    /** Dice for what a law needs besides. */
    public Random dice() {
        return new Random(seed + 2);
    }

    /** One sequence of random ids. */
    public long[] ids(int count, Random random) {
        return random.longs(count, 0, config.dVocab()).toArray();
    }

    /** Two sequences. */
    public Tokens tokens() {
        Random random = dice();
        int pos = 2 + random.nextInt(7);
        return Tokens.of(ids(pos, random), ids(pos, random));
    }

    /** The logits of a run, row-major. */
    public static float[] logits(HookedTransformer model, Tokens tokens, RunOptions options) {
        try (Run run = model.run(tokens, options)) {
            return run.logits().toFloatArray();
        }
    }

    /** The shape a seed stands for. */
    private record Shape(Random random) {
        ModelConfig config() {
            int nLayers = 1 + random.nextInt(3);
            int dVocab = 7 + random.nextInt(6);
            Sizes sizes = new Sizes(
                    nLayers, 4 + random.nextInt(9), dVocab, once(4) ? dVocab - 2 + random.nextInt(5) : dVocab, CONTEXT);
            Attention attention = attention(nLayers);
            Mlp mlp = mlp();
            return ModelConfig.of("Random", sizes, positions(attention), norms(), attention, mlp)
                    .withParallel(!(mlp instanceof Mlp.None) && once(3))
                    .withLogitSoftcap(once(5) ? 3.5f : 0)
                    .withBos(once(2) ? random.nextInt(dVocab) : -1);
        }

        private boolean once(int in) {
            return random.nextInt(in) == 0;
        }

        private <T> T one(List<T> of) {
            return of.get(random.nextInt(of.size()));
        }

        private Attention attention(int nLayers) {
            int nHeads = one(List.of(1, 2, 3, 4, 6));
            List<Integer> divisors = new ArrayList<>(List.of(1, 2, 3, 6));
            divisors.removeIf(it -> nHeads % it != 0);
            Attention heads = Attention.of(nLayers, nHeads, 2 + random.nextInt(5))
                    .withKvHeads(once(2) ? nHeads : one(divisors))
                    .withScaledByLayer(once(4))
                    .withSoftcap(once(4) ? 2.5 : 0)
                    .withSpans(spans(nLayers));
            heads = once(4) ? heads.withScale(one(List.of(1.0, 3.3, 0.7))) : heads;
            heads = once(4) ? heads.withQkNorm() : heads;
            return once(5) ? heads.withBothDirections() : heads;
        }

        private List<AttentionSpan> spans(int nLayers) {
            boolean local = once(2);
            List<AttentionSpan> spans = new ArrayList<>();
            for (int layer = 0; layer < nLayers; layer++) {
                spans.add(
                        local && once(2) ? new AttentionSpan.Local(1 + random.nextInt(4)) : new AttentionSpan.Global());
            }
            return spans;
        }

        private PositionEmbedding positions(Attention attention) {
            return switch (random.nextInt(6)) {
                case 0 -> new PositionEmbedding.Learned();
                case 1 -> new PositionEmbedding.Shortformer();
                case 2 -> new PositionEmbedding.Alibi();
                default -> rotary(attention.dHead());
            };
        }

        private PositionEmbedding rotary(int dHead) {
            RopeScaling scaling = one(List.of(
                    new RopeScaling.None(),
                    new RopeScaling.None(),
                    new RopeScaling.Linear(1.5 + random.nextInt(4)),
                    new RopeScaling.ByParts(8, 1, 4, 8 << random.nextInt(4))));
            return new PositionEmbedding.Rotary(
                    2 + 2 * random.nextInt(dHead / 2),
                    one(List.of(10.0, 500.0, 10_000.0, 12.5)),
                    once(2),
                    scaling,
                    once(3) ? Optional.of(7.0) : Optional.empty());
        }

        private Norms norms() {
            Norm blocks = one(List.of(Norm.LAYER, Norm.LAYER, Norm.RMS, Norm.RMS, Norm.NONE));
            Norm last = once(4) ? one(List.of(Norm.values())) : blocks;
            boolean after = blocks != Norm.NONE && once(4);
            return new Norms(blocks, last, after, once(4), once(3) ? 0.1f : 1e-5f);
        }

        private Mlp mlp() {
            Activation plain = one(List.of(Activation.values()));
            Activation gate = plain.normed() ? Activation.SILU : plain;
            int dMlp = 3 + random.nextInt(8);
            int experts = 1 + random.nextInt(4);
            return switch (random.nextInt(7)) {
                case 0 -> new Mlp.None();
                case 1 -> new Mlp.Experts(dMlp, gate, experts, 1 + random.nextInt(experts));
                case 2, 3 -> new Mlp.Gated(dMlp, gate);
                default -> new Mlp.Plain(dMlp, plain);
            };
        }
    }
}
