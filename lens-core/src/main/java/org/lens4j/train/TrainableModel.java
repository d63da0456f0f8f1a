package org.lens4j.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.CheckpointException;
import org.lens4j.family.Blueprint;
import org.lens4j.family.ConfigJson;
import org.lens4j.family.Families;
import org.lens4j.family.Row;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Scope;
import org.lens4j.weights.Parameters;

/**
 * A model with fresh random parameters that follow gradients. Parameters the architecture lacks stay zero and are not
 * trained; where the unembedding is tied it is the token embedding seen from the other side, the same memory, so that
 * both uses add to one gradient. Closing it frees the model.
 *
 * <pre>{@code
 * try (TrainableModel model = TrainableModel.fresh("tiny", ConfigJson.parse("tiny", text), 1)) {
 *     model.trained().get("embed.W_E");    // the tensors an optimiser moves
 * }
 * }</pre>
 */
public final class TrainableModel implements AutoCloseable {
    /** The width of GPT-2's first weights in units of 1 / sqrt(d_model), as TransformerLens initialises. */
    private static final double GAIN = 0.8;

    private final HookedTransformer model;
    private final Map<String, NDArray> trained;

    private TrainableModel(HookedTransformer model, Map<String, NDArray> trained) {
        this.model = model;
        this.trained = trained;
    }

    /**
     * A model at the start of its training.
     *
     * @param name for messages
     * @param json a Hugging Face config.json of a known family
     * @param seed the same seed gives the same parameters on every machine
     * @return owned by the caller
     * @throws CheckpointException if config.json describes no known model, or one whose embeddings cannot be trained tied
     */
    public static TrainableModel fresh(String name, ConfigJson json, long seed) {
        Blueprint blueprint = Families.blueprint(json);
        ModelConfig config = blueprint.config();
        requireUnscaledTie(json, blueprint);
        Scope scope = Scope.root();
        try {
            Draw draw = new Draw(config, scope, new Random(seed), new HashMap<>());
            Map<String, NDArray> all = new LinkedHashMap<>();
            Map<String, NDArray> trained = new LinkedHashMap<>();
            for (Row row : blueprint.expanded()) {
                if (row.isUnembedding() && blueprint.tied()) {
                    all.put(row.ours(), mirror(all));
                } else {
                    NDArray parameter = draw.parameter(row, row.ours());
                    all.put(row.ours(), parameter);
                    if (row instanceof Row.Stored) {
                        Autograd.track(parameter);
                        trained.put(row.ours(), parameter);
                    }
                }
            }
            Parameters parameters = new Parameters(scope, all);
            return new TrainableModel(
                    new HookedTransformer(name, config, parameters, Optional.empty()),
                    Collections.unmodifiableMap(trained));
        } catch (RuntimeException | Error e) {
            scope.close();
            throw e;
        }
    }

    /** A tied unembedding is a view of the embedding, and a view cannot be a multiple of it (Gemma). */
    private static void requireUnscaledTie(ConfigJson json, Blueprint blueprint) {
        boolean scaled = blueprint
                .embedding()
                .filter(row -> !row.change().equals(Row.Change.NONE))
                .isPresent();
        if (blueprint.tied() && scaled) {
            throw new CheckpointException(
                    "%s ties the unembedding to an embedding that is scaled on its way in, which cannot be trained. Set tie_word_embeddings to false."
                            .formatted(json.place()));
        }
    }

    /** The token embedding transposed: a view, recorded once, through which gradients reach the embedding in every step. */
    private static NDArray mirror(Map<String, NDArray> drawn) {
        NDArray embed = Objects.requireNonNull(drawn.get(Row.EMBEDDING));
        return Autograd.recording(true, () -> embed.transpose(1, 0));
    }

    /**
     * Draws first parameters: gains are 1, biases 0, matrices normal. Two choices make a small model find its circuits
     * several times sooner. Positions start as sines and cosines (Vaswani et al., 2017): one step back is then the same
     * rotation everywhere. And heads start mimetic (Trockman and Kolter, 2023): W_K equal to W_Q and W_O to W_V
     * transposed, so that a head at first looks for what resembles its own token and copies it.
     */
    private record Draw(ModelConfig config, Scope scope, Random random, Map<String, float[]> drawn) {
        NDArray parameter(Row row, String ours) {
            Shape shape = row.shape(config);
            if (row instanceof Row.Constant constant) {
                return scope.constant(constant.value(), shape);
            }
            float[] values = values(ours, Math.toIntExact(shape.size()));
            drawn.put(ours, values);
            return scope.floats(values, shape);
        }

        private float[] values(String ours, int size) {
            String kind = ours.substring(ours.lastIndexOf('.') + 1);
            String block = ours.substring(0, ours.length() - kind.length());
            double plain = GAIN / Math.sqrt(config.dModel());
            // Every block adds twice to the residual stream; the sum should not grow with depth (GPT-2).
            double written = 1 / Math.sqrt(2.0 * config.nLayers());
            // Scores that are not divided by sqrt(d_head) should start as if they were.
            double matched = config.attention().scale() != 1 ? 1 : 1 / Math.sqrt(Math.sqrt(config.dHead()));
            return switch (kind) {
                case "w" -> filled(size, 1);
                case "b" -> filled(size, 0);
                case "W_pos" -> waves(size, Math.sqrt(2) * plain);
                case "W_Q" -> normal(size, plain * matched);
                case "W_K" -> earlier(block + "W_Q").clone();
                // Heads that share values have no values of their own to undo.
                case "W_O" ->
                    config.attention().grouped()
                            ? normal(size, plain * written)
                            : transposedHeads(earlier(block + "W_V"), (float) written);
                case "W_out" -> normal(size, plain * written);
                default -> kind.startsWith("b_") ? filled(size, 0) : normal(size, plain);
            };
        }

        private float[] earlier(String ours) {
            return Objects.requireNonNull(drawn.get(ours), () -> ours + " must be drawn before");
        }

        private static float[] filled(int size, float value) {
            float[] values = new float[size];
            Arrays.fill(values, value);
            return values;
        }

        private float[] normal(int size, double deviation) {
            float[] values = new float[size];
            for (int i = 0; i < size; i++) {
                values[i] = (float) (random.nextGaussian() * deviation);
            }
            return values;
        }

        /** Waves of lengths from 2π to 2π × n_ctx positions, {@code [pos d_model]}. */
        private float[] waves(int size, double strength) {
            int width = config.dModel();
            float[] values = new float[size];
            for (int i = 0; i < size; i++) {
                int pos = i / width;
                int wave = i % width / 2;
                double angle = pos * Math.PI * StrictMath.pow(config.nCtx() / 2.0, -2.0 * wave / width);
                values[i] = (float) (strength * (i % 2 == 0 ? StrictMath.sin(angle) : StrictMath.cos(angle)));
            }
            return values;
        }

        /** From {@code [head d_model d_head]} to {@code [head d_head d_model]}. */
        private float[] transposedHeads(float[] source, float factor) {
            int m = config.dModel();
            int d = config.dHead();
            float[] values = new float[source.length];
            for (int i = 0; i < source.length; i++) {
                int head = i / (m * d);
                values[head * m * d + i % d * m + i / d % m] = factor * source[i];
            }
            return values;
        }
    }

    /** The model, to run, hook and cache like any other, at any time of the training. */
    public HookedTransformer model() {
        return model;
    }

    /** The tensors that gradients move, by our names. They belong to the model. */
    public Map<String, NDArray> trained() {
        return trained;
    }

    /** The same without names, in the model's order. */
    public Collection<NDArray> tensors() {
        return trained.values();
    }

    @Override
    public void close() {
        model.close();
    }
}
