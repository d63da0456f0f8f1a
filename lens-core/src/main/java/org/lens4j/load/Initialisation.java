package org.lens4j.load;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import org.lens4j.config.ModelConfig;
import org.lens4j.family.NativeRows;
import org.lens4j.family.Row;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Scope;
import org.lens4j.weights.Parameters;
import org.lens4j.weights.SideBySide;

/**
 * How the parameters of a new model are drawn: weights ({@code W_…}) at random, biases 0, gains 1. TransformerLens:
 * {@code init_weights}, where the unembedding of muP gets the embedding's spread by mistake; here it gets its own.
 *
 * @param mode the distribution
 * @param gain factor of the spread; empty for the mode's default. For {@link Mode#GPT2} it is the standard deviation itself,
 *     {@code initializer_range}, by default 0.8 / sqrt(d_model)
 * @param seed the same seed gives the same parameters on every machine
 */
public record Initialisation(Mode mode, OptionalDouble gain, long seed) {
    /** Distributions, under TransformerLens's names in {@code init_mode}. */
    public enum Mode {
        /** Normal, the same standard deviation everywhere. */
        GPT2,
        /** Uniform within sqrt(6 / (in + out)) (Glorot and Bengio, 2010). */
        XAVIER_UNIFORM,
        /** Normal with standard deviation sqrt(2 / (in + out)). */
        XAVIER_NORMAL,
        /** Uniform within sqrt(2) sqrt(3 / in) (He et al., 2015). */
        KAIMING_UNIFORM,
        /** Normal with standard deviation sqrt(2 / in). */
        KAIMING_NORMAL,
        /** Normal: embeddings 1, unembedding 1 / in, others 1 / sqrt(in) (Yang et al., 2022). */
        MUP
    }

    /** GPT-2's. */
    public static Initialisation seeded(long seed) {
        return new Initialisation(Mode.GPT2, OptionalDouble.empty(), seed);
    }

    /** This with another distribution. */
    public Initialisation withMode(Mode other) {
        return new Initialisation(other, gain, seed);
    }

    /** This with another factor. */
    public Initialisation withGain(double factor) {
        return new Initialisation(mode, OptionalDouble.of(factor), seed);
    }

    /**
     * A model of parameters drawn so.
     *
     * @return owned by the caller; takes token ids, not text
     */
    public HookedTransformer model(ModelConfig config) {
        Parameters parameters = draw(config);
        HookedTransformer model = new HookedTransformer(config.family(), config, parameters, Optional.empty());
        parameters.scope().cap();
        return model;
    }

    /**
     * Draws every parameter of a model.
     *
     * @return owned by the caller
     */
    Parameters draw(ModelConfig config) {
        Scope scope = Scope.root();
        try {
            Random random = new Random(seed);
            Map<String, NDArray> drawn = new LinkedHashMap<>();
            for (Row row : NativeRows.of(config, false)) {
                for (Row one : row.expanded(config)) {
                    Shape shape = one.shape(config);
                    drawn.put(one.ours(), drawn(one.ours(), shape, config, random, scope));
                }
            }
            SideBySide.lay(drawn, scope);
            return new Parameters(scope, drawn);
        } catch (RuntimeException | Error e) {
            scope.close();
            throw e;
        }
    }

    private NDArray drawn(String name, Shape shape, ModelConfig config, Random random, Scope scope) {
        if (!name.contains("W_")) {
            return scope.constant(name.endsWith(".w") ? 1 : 0, shape);
        }
        Spread spread = spread(name, shape, config);
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float)
                    (spread.uniform()
                            ? spread.size() * (2 * random.nextDouble() - 1)
                            : spread.size() * random.nextGaussian());
        }
        return scope.floats(values, shape);
    }

    /** How wide: half the width of a uniform distribution, or the standard deviation of a normal one. */
    private record Spread(double size, boolean uniform) {}

    private Spread spread(String name, Shape shape, ModelConfig config) {
        boolean expert = name.endsWith(".weight");
        // An expert is stored as [out in]; a head's weight [head in out] counts all heads as one map.
        double in = shape.get(expert ? 1 : shape.dimension() - 2);
        double out =
                expert ? shape.get(0) : shape.get(shape.dimension() - 1) * (shape.dimension() == 3 ? shape.get(0) : 1);
        double factor = gain.orElse(1);
        return switch (mode) {
            case GPT2 -> new Spread(gain.orElse(0.8 / Math.sqrt(config.dModel())), false);
            case XAVIER_UNIFORM -> new Spread(factor * Math.sqrt(6 / (in + out)), true);
            case XAVIER_NORMAL -> new Spread(factor * Math.sqrt(2 / (in + out)), false);
            case KAIMING_UNIFORM -> new Spread(factor * Math.sqrt(2) * Math.sqrt(3 / in), true);
            case KAIMING_NORMAL -> new Spread(factor * Math.sqrt(2 / in), false);
            case MUP -> new Spread(factor * muP(name, in), false);
        };
    }

    private static double muP(String name, double in) {
        if (name.equals(Row.UNEMBEDDING)) {
            return 1 / in;
        }
        return name.equals(Row.EMBEDDING) || name.equals("pos_embed.W_pos") ? 1 : 1 / Math.sqrt(in);
    }
}
