package org.lens4j;

import org.lens4j.config.ModelConfig;
import org.lens4j.load.Initialisation;
import org.lens4j.load.LoadOptions;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedEncoder;
import org.lens4j.model.HookedEncoderDecoder;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;

/**
 * The entry points.
 *
 * <pre>{@code
 * try (HookedTransformer model = Lens.load("demo")) {
 *     System.out.println(model.loss(model.tokens("The capital of France is Paris.")));
 * }
 * }</pre>
 */
public final class Lens {
    private Lens() {}

    /**
     * Loads a model with TransformerLens's defaults: its weights are rewritten so that its parts are easier to read, and its
     * log-probabilities stay what they were. {@code model.raw()} has them as in the file.
     *
     * @param name {@code demo}, the model inside this library; a directory with config.json and model.safetensors; or a
     *     name on the hub, {@code org/name} or an alias such as {@code gpt2-small}, taken from the local cache first
     * @return owned by the caller
     * @throws org.lens4j.error.UnknownNameException if there is no such model
     * @throws org.lens4j.error.HubException if it is not in the cache and cannot be downloaded
     * @throws org.lens4j.error.CheckpointException if its files are damaged, incomplete or of an unknown architecture
     */
    public static HookedTransformer load(String name) {
        return load(name, LoadOptions.defaults());
    }

    /**
     * Loads a model as the options say.
     *
     * <pre>{@code
     * HookedTransformer model = Lens.load("gpt2", LoadOptions.defaults().noProcessing());
     * }</pre>
     *
     * @param name as for {@link #load(String)}
     * @return owned by the caller
     * @throws org.lens4j.error.UnknownNameException if there is no such model
     * @throws org.lens4j.error.HubException if it is not in the cache and cannot be downloaded
     * @throws org.lens4j.error.CheckpointException if its files are damaged, incomplete or of an unknown architecture
     * @throws org.lens4j.error.LoadRefusedException if it does not fit into memory
     */
    public static HookedTransformer load(String name, LoadOptions options) {
        return Pretrained.load(name, options).model();
    }

    /**
     * A model of random parameters, drawn as GPT-2's were. TransformerLens: {@code HookedTransformer(cfg)}.
     *
     * <pre>{@code
     * ModelConfig config = ModelConfig.of("Mine", new Sizes(2, 32, 97, 64), new PositionEmbedding.Learned(),
     *         Norms.layerNorm(1e-5f), Attention.of(2, 4, 8), new Mlp.Plain(128, Activation.GELU));
     * HookedTransformer model = Lens.newModel(config, 1);
     * }</pre>
     *
     * @param seed the same seed gives the same parameters on every machine
     * @return owned by the caller; takes token ids, not text
     */
    public static HookedTransformer newModel(ModelConfig config, long seed) {
        return newModel(config, Initialisation.seeded(seed));
    }

    /** {@link #newModel(ModelConfig, long)} with another distribution. */
    public static HookedTransformer newModel(ModelConfig config, Initialisation initialisation) {
        return initialisation.model(config);
    }

    /**
     * Loads a model that reads in both directions, such as BERT.
     *
     * @param name as for {@link #load(String)}
     * @return owned by the caller
     * @throws org.lens4j.error.UsageException if it is a model of another class; names the way to load that
     */
    public static HookedEncoder loadEncoder(String name) {
        return Pretrained.load(name).as(HookedEncoder.class);
    }

    /**
     * Loads a model that reads one text and says another, such as T5.
     *
     * @param name as for {@link #load(String)}
     * @return owned by the caller
     * @throws org.lens4j.error.UsageException if it is a model of another class; names the way to load that
     */
    public static HookedEncoderDecoder loadEncoderDecoder(String name) {
        return Pretrained.load(name).as(HookedEncoderDecoder.class);
    }

    /**
     * Loads a model of whatever class its files ask for.
     *
     * @param name as for {@link #load(String)}
     * @return owned by the caller
     */
    public static HookedModel loadModel(String name) {
        return loadModel(name, LoadOptions.defaults());
    }

    /** {@link #loadModel(String)} as the options say. */
    public static HookedModel loadModel(String name, LoadOptions options) {
        return Pretrained.load(name, options).hooked();
    }
}
