package org.lens4j.load;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.CheckpointException;
import org.lens4j.family.ConfigJson;
import org.lens4j.family.Families;
import org.lens4j.family.Family;
import org.lens4j.family.Row;
import org.lens4j.tensor.Rearrange;
import org.lens4j.tensor.Scope;
import org.lens4j.weights.Parameters;
import org.lens4j.weights.SafetensorsWriter;

/**
 * Writes a model as Hugging Face lays it out, by the rows its family is loaded with, read backwards. What is written and
 * loaded again is equal bit for bit.
 *
 * <pre>{@code
 * CheckpointWriter.of("config.json", text).write(directory, model.parameters());
 * }</pre>
 */
public final class CheckpointWriter {
    private final String configText;
    private final Family family;
    private final ModelConfig config;
    private final boolean tied;
    private final Map<String, Long> sizes;

    private CheckpointWriter(String configText, ConfigJson json) {
        this.configText = configText;
        this.family = Families.of(json);
        this.config = Families.config(json);
        this.tied = json.tied(family);
        this.sizes = Row.sizes(config);
    }

    /**
     * A writer of models of one shape.
     *
     * @param place what to call the config.json in messages
     * @param configText its content
     * @throws CheckpointException if it describes no known model
     */
    public static CheckpointWriter of(String place, String configText) {
        return new CheckpointWriter(configText, ConfigJson.parse(place, configText));
    }

    /**
     * Writes config.json and model.safetensors. The tokenizer is not this class's.
     *
     * @param directory made if it is missing; files of those names are replaced
     * @param parameters of that shape, under our names
     * @throws CheckpointException if a parameter that the format cannot hold is not zero, or an unembedding that is said to
     *     be the token embedding is not
     * @throws IOException if the files cannot be written
     */
    public void write(Path directory, Parameters parameters) throws IOException {
        Map<String, SafetensorsWriter.Floats> tensors = tensors(parameters);
        Files.createDirectories(directory);
        SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors);
        Files.writeString(directory.resolve("config.json"), configText);
    }

    /** Every tensor under its name in a checkpoint and in its layout there, in the order of the rows. */
    Map<String, SafetensorsWriter.Floats> tensors(Parameters parameters) {
        Map<String, SafetensorsWriter.Floats> tensors = new LinkedHashMap<>();
        requireExpressible(parameters);
        for (int layer = 0; layer < config.nLayers(); layer++) {
            for (Map.Entry<String, Map<Integer, Row.Stored>> fused : sources().entrySet()) {
                String theirs = Row.at(fused.getKey(), layer);
                if (!tensors.containsKey(theirs)) {
                    tensors.put(theirs, stored(fused.getValue(), layer, parameters));
                }
            }
        }
        return tensors;
    }

    /** The rows of each tensor of the checkpoint, by part. */
    private Map<String, Map<Integer, Row.Stored>> sources() {
        Map<String, Map<Integer, Row.Stored>> sources = new LinkedHashMap<>();
        String prefix = family.prefixes().get(0);
        for (Row row : family.rows()) {
            if (row instanceof Row.Stored stored && !row.isUnembedding()) {
                sources.computeIfAbsent(prefix + stored.theirs(), it -> new TreeMap<>())
                        .put(stored.part(), stored);
            } else if (row instanceof Row.Stored stored && !tied) {
                sources.put(Family.UNEMBED, Map.of(stored.part(), stored));
            }
        }
        return sources;
    }

    private SafetensorsWriter.Floats stored(Map<Integer, Row.Stored> parts, int layer, Parameters parameters) {
        try (Scope scope = Scope.root()) {
            NDList ours = new NDList();
            Optional<String> layout = Optional.empty();
            for (Row.Stored row : parts.values()) {
                ours.add(scope.copy(parameters.get(Row.at(row.ours(), layer))));
                layout = Optional.of(row.layout());
            }
            NDArray whole = parts.containsKey(-1) ? ours.get(0) : NDArrays.stack(ours);
            NDArray theirs = Rearrange.of(layout.orElseThrow()).inverse().apply(scope.adopt(whole), sizes);
            NDArray contiguous = scope.copy(theirs);
            return new SafetensorsWriter.Floats(contiguous.getShape().getShape(), contiguous.toFloatArray());
        }
    }

    private static float[] values(Parameters parameters, String ours) {
        try (Scope scope = Scope.root()) {
            return scope.copy(parameters.get(ours)).toFloatArray();
        }
    }

    private void requireExpressible(Parameters parameters) {
        for (Row row : family.rows()) {
            for (int layer = 0; layer < row.repetitions(config) && row instanceof Row.Zero; layer++) {
                requireZeros(Row.at(row.ours(), layer), parameters);
            }
            if (tied && row.isUnembedding()) {
                requireTied(row, parameters);
            }
        }
    }

    private void requireZeros(String ours, Parameters parameters) {
        for (float value : values(parameters, ours)) {
            if (value != 0) {
                throw new CheckpointException(
                        "%s holds %s, and checkpoints of %s have no such tensor: they only fit where it is zero. Write model.raw() instead of a processed model."
                                .formatted(ours, value, config.family()));
            }
        }
    }

    private void requireTied(Row unembedding, Parameters parameters) {
        String embedding = family.embedding();
        float[] embed = values(parameters, embedding);
        float[] unembed = values(parameters, unembedding.ours());
        for (int v = 0; v < config.dVocab(); v++) {
            for (int m = 0; m < config.dModel(); m++) {
                if (embed[v * config.dModel() + m] != unembed[m * config.dVocab() + v]) {
                    throw new CheckpointException(
                            "%s is not %s transposed, and this config.json ties them. Set tie_word_embeddings to false."
                                    .formatted(unembedding.ours(), embedding));
                }
            }
        }
    }
}
