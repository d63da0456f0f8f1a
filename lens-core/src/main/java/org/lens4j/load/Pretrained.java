package org.lens4j.load;

import org.lens4j.config.ModelConfig;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.UsageException;
import org.lens4j.hub.ModelFiles;
import org.lens4j.model.HookedEncoder;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.FreeMemory;

/**
 * A loaded model and the report of how it was loaded. TransformerLens: {@code from_pretrained}.
 *
 * @param hooked the model, of the class its files ask for; owned by the caller
 * @param report what was done
 */
public record Pretrained(HookedModel hooked, LoadReport report) {
    /**
     * The model as a decoder of one stack, the usual class.
     *
     * @throws UsageException if it is of another class, which is closed then
     */
    public HookedTransformer model() {
        return as(HookedTransformer.class);
    }

    /**
     * The model as a class of models.
     *
     * @throws UsageException if it is of another class, which is closed then
     */
    public <M extends HookedModel> M as(Class<M> wanted) {
        if (wanted.isInstance(hooked)) {
            return wanted.cast(hooked);
        }
        hooked.close();
        throw new UsageException("%s is a %s, not a %s. Load it with Lens.%s or, of any class, Lens.loadModel."
                .formatted(hooked.name(), hooked.getClass().getSimpleName(), wanted.getSimpleName(), loader(hooked)));
    }

    private static String loader(HookedModel model) {
        return model instanceof HookedTransformer
                ? "load"
                : model instanceof HookedEncoder ? "loadEncoder" : "loadEncoderDecoder";
    }

    /** {@link #load(String, LoadOptions)} with the defaults. */
    public static Pretrained load(String name) {
        return load(name, LoadOptions.defaults());
    }

    /**
     * Loads a model by name or directory.
     *
     * @param name {@code demo}, a directory, a checkpoint file, or a name on the hub
     * @param options how
     * @throws org.lens4j.error.UnknownNameException if there is no such model
     * @throws org.lens4j.error.HubException if it is not in the cache and cannot be downloaded
     * @throws CheckpointException if its files are damaged, incomplete or of an unknown architecture
     * @throws org.lens4j.error.LoadRefusedException if it does not fit into memory
     */
    public static Pretrained load(String name, LoadOptions options) {
        return load(files(name, options), options);
    }

    /** {@link #load(ModelFiles, LoadOptions)} with the defaults. */
    public static Pretrained load(ModelFiles files) {
        return load(files, LoadOptions.defaults());
    }

    /**
     * Loads a model from its files.
     *
     * @param options how; where the hub is was decided when the files were found
     * @throws CheckpointException if they are damaged, incomplete or of an unknown architecture
     * @throws org.lens4j.error.LoadRefusedException if the model does not fit into memory
     */
    public static Pretrained load(ModelFiles files, LoadOptions options) {
        return new Loading(files, options, FreeMemory.ofMachine()).load();
    }

    /**
     * This with the check made now, if it was left out or put off: weights that are mapped are not read before they are
     * needed, and the check needs them all.
     */
    public Pretrained checked() {
        if (report.check().isPresent()) {
            return this;
        }
        float[] logProbs = SelfCheck.logProbs(hooked);
        return new Pretrained(hooked, report.with(SelfCheck.of(logProbs).withLawsOf(hooked, logProbs)));
    }

    /**
     * The files a name stands for, downloaded where need be.
     *
     * @throws org.lens4j.error.UnknownNameException if there is no such model
     * @throws org.lens4j.error.HubException if it is not in the cache and cannot be downloaded
     */
    public static ModelFiles files(String name, LoadOptions options) {
        return options.asConfig().isPresent()
                ? ModelFiles.locateWeights(name, options.hub())
                : ModelFiles.locate(name, options.hub());
    }

    /**
     * The shape a model would have, from its configuration alone: nothing of its weights is read.
     *
     * @throws CheckpointException if the configuration is damaged or of an unknown architecture
     */
    public static ModelConfig config(ModelFiles files, LoadOptions options) {
        return Loading.config(files, options);
    }
}
