package org.lens4j.load;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.lens4j.error.CheckpointException;
import org.lens4j.family.ConfigJson;
import org.lens4j.hub.ModelFiles;
import org.lens4j.weights.Checkpoint;
import org.lens4j.weights.SavedValue;
import org.lens4j.weights.TorchPickle;

/** Where the description of a model comes from: config.json, TransformerLens's tl_config.json, or nanoGPT's checkpoint. */
final class Configuration {
    private static final String NANO_GPT = "model_args";
    private static final String TL_RAW = "raw";

    private Configuration() {}

    /**
     * Reads it.
     *
     * @throws CheckpointException if there is none, or it is damaged
     */
    static ConfigJson of(ModelFiles files) {
        Optional<Path> own = files.configuration().filter(it -> it.endsWith("config.json"));
        Optional<SavedValue.Mapping> arguments = own.isPresent() ? Optional.empty() : arguments(files);
        if (arguments.isPresent()) {
            return nanoGpt(files.weights(), arguments.get());
        }
        return files.configuration()
                .map(Configuration::of)
                .orElseThrow(() -> new CheckpointException(
                        "%s has no config.json beside it and no %s inside, so its shape is unknown. Give a config: --as-config NAME or FILE."
                                .formatted(files.weights(), NANO_GPT)));
    }

    private static Optional<SavedValue.Mapping> arguments(ModelFiles files) {
        return Checkpoint.open(files.weights()) instanceof TorchPickle pickle
                ? pickle.values().mapping(NANO_GPT)
                : Optional.empty();
    }

    /** The configuration in a JSON file. */
    static ConfigJson of(Path file) {
        ConfigJson json = ConfigJson.parse(file.toString(), text(file));
        // What is written beside a saved TransformerLens model holds the raw and the processed model's config.
        return json.has(TL_RAW)
                ? json.object(TL_RAW).map(it -> json.inside(TL_RAW, it)).orElse(json)
                : json;
    }

    /** The arguments nanoGPT saves with its weights. */
    private static ConfigJson nanoGpt(Path weights, SavedValue.Mapping arguments) {
        JsonObject json = new JsonObject();
        for (String key : arguments.keys()) {
            SavedValue value = arguments.at(key).orElseThrow();
            if (value instanceof SavedValue.Whole whole) {
                json.add(key, new JsonPrimitive(whole.value()));
            } else if (value instanceof SavedValue.Real real) {
                json.add(key, new JsonPrimitive(real.value()));
            } else if (value instanceof SavedValue.Truth truth) {
                json.add(key, new JsonPrimitive(truth.value()));
            } else if (value instanceof SavedValue.Text words) {
                json.add(key, new JsonPrimitive(words.value()));
            }
        }
        return ConfigJson.parse("%s (%s)".formatted(weights, NANO_GPT), json.toString());
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new CheckpointException("%s is not UTF-8 text. Copy or download it again.".formatted(file), e);
        } catch (IOException e) {
            throw new CheckpointException("%s could not be read: %s.".formatted(file, e), e);
        }
    }
}
