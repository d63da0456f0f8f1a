package org.lens4j.load;

import java.time.Duration;
import java.util.Optional;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.CheckpointException;
import org.lens4j.family.Blueprint;
import org.lens4j.family.ConfigJson;
import org.lens4j.family.Families;
import org.lens4j.hub.ModelFiles;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokenizer;
import org.lens4j.weights.Checkpoint;
import org.lens4j.weights.Parameters;

/**
 * A loaded model and the report of how it was loaded. TransformerLens: {@code from_pretrained_no_processing}.
 *
 * @param model owned by the caller
 * @param report what was done
 */
public record Pretrained(HookedTransformer model, LoadReport report) {
    /**
     * Loads a model by name or directory.
     *
     * @param name {@code demo}, a directory with config.json and model.safetensors, or a name on the hub
     * @throws org.lens4j.error.UnknownNameException if there is no such model
     * @throws org.lens4j.error.HubException if it is not in the cache and cannot be downloaded
     * @throws CheckpointException if its files are damaged, incomplete or of an unknown architecture
     */
    public static Pretrained load(String name) {
        return load(ModelFiles.locate(name));
    }

    /**
     * Loads a model from its files.
     *
     * @throws CheckpointException if they are damaged, incomplete or of an unknown architecture
     */
    public static Pretrained load(ModelFiles files) {
        long start = System.nanoTime();
        ConfigJson json = Configuration.of(files);
        Blueprint blueprint = Families.blueprint(json);
        ModelConfig config = blueprint.config();
        Checkpoint checkpoint = Checkpoint.open(files.weights());
        ParameterLoader loader = new ParameterLoader(blueprint, checkpoint);
        Scope scope = Scope.root();
        try {
            Parameters parameters = loader.load(scope);
            Optional<Tokenizer> tokenizer = files.tokenizer().map(Tokenizer::read);
            HookedTransformer model =
                    new HookedTransformer(files.name(), config, parameters, tokenizer, files.lackOfTokenizer());
            scope.cap();
            LoadReport report = new LoadReport(
                    files.directory(),
                    config.family(),
                    parameters.count(),
                    checkpoint.size(),
                    loader.zeros(),
                    loader.ignored(),
                    Duration.ofNanos(System.nanoTime() - start));
            return new Pretrained(model, report);
        } catch (RuntimeException | Error e) {
            scope.close();
            throw e;
        }
    }
}
