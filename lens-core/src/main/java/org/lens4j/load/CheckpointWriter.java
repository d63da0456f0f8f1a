package org.lens4j.load;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.CheckpointException;
import org.lens4j.family.Blueprint;
import org.lens4j.family.ConfigJson;
import org.lens4j.family.Families;
import org.lens4j.family.Row;
import org.lens4j.tensor.Kernels;
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
    private final Blueprint blueprint;
    private final ModelConfig config;
    private final Map<String, Long> sizes;

    private CheckpointWriter(String configText, ConfigJson json) {
        this.configText = configText;
        this.blueprint = Families.blueprint(json);
        this.config = blueprint.config();
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
        requireExpressible(parameters);
        Map<String, SafetensorsWriter.Floats> tensors = new LinkedHashMap<>();
        sources().forEach((theirs, rows) -> {
            boolean lacking = blueprint.tensors().mayLack(rows.get(0))
                    && !parameters.has(rows.get(0).ours());
            if (!lacking) {
                tensors.put(theirs, stored(rows, parameters));
            }
        });
        return tensors;
    }

    /** The rows of each tensor of the checkpoint. */
    private Map<String, List<Row.Stored>> sources() {
        Map<String, List<Row.Stored>> sources = new LinkedHashMap<>();
        String prefix = blueprint.tensors().prefixes().get(0);
        for (Row row : blueprint.expanded()) {
            if (row instanceof Row.Stored stored && row.isUnembedding() && blueprint.tied()) {
                // The unembedding holds the stored numbers as they are, also where the embedding is scaled.
                blueprint.embedding().ifPresent(embed -> sources.put(prefix + embed.theirs(), List.of(stored)));
            } else if (row instanceof Row.Stored stored) {
                String theirs = stored.atTop() ? stored.theirs() : prefix + stored.theirs();
                sources.computeIfAbsent(theirs, it -> new ArrayList<>()).add(stored);
            }
        }
        return sources;
    }

    private SafetensorsWriter.Floats stored(List<Row.Stored> rows, Parameters parameters) {
        try (Scope scope = Scope.root()) {
            Row.Stored first = rows.get(0);
            NDArray theirs;
            if (first.piece() instanceof Row.Piece.Part) {
                theirs = fused(rows, parameters, scope);
            } else if (first.piece() instanceof Row.Piece.Stretch) {
                theirs = joined(rows, parameters, scope);
            } else {
                theirs = theirs(first, original(first, parameters, scope));
            }
            NDArray contiguous = scope.copy(theirs);
            return new SafetensorsWriter.Floats(contiguous.getShape().getShape(), contiguous.toFloatArray());
        }
    }

    /** Parts side by side on the layout's first axis, then laid out as theirs. */
    private NDArray fused(List<Row.Stored> rows, Parameters parameters, Scope scope) {
        NDList parts = new NDList();
        rows.stream()
                .sorted(Comparator.comparing(row -> ((Row.Piece.Part) row.piece()).index()))
                .forEach(row -> parts.add(original(row, parameters, scope)));
        return theirs(rows.get(0), scope.adopt(NDArrays.stack(parts)));
    }

    /** Stretches one behind the other, with zeros where the model has nothing. */
    private NDArray joined(List<Row.Stored> rows, Parameters parameters, Scope scope) {
        NDList stretches = new NDList();
        long end = 0;
        int axis = ((Row.Piece.Stretch) rows.get(0).piece()).axis();
        List<Row.Stored> inOrder = rows.stream()
                .sorted(Comparator.comparing(row -> ((Row.Piece.Stretch) row.piece()).from()))
                .toList();
        for (Row.Stored row : inOrder) {
            NDArray laidOut = theirs(row, original(row, parameters, scope));
            long from = ((Row.Piece.Stretch) row.piece()).from();
            if (from > end) {
                long[] gap = laidOut.getShape().getShape().clone();
                gap[axis] = from - end;
                stretches.add(scope.zeros(new Shape(gap)));
            }
            stretches.add(laidOut);
            end = from + laidOut.getShape().get(axis);
        }
        return scope.adopt(NDArrays.concat(stretches, axis));
    }

    /** Our numbers with the row's change undone. */
    private static NDArray original(Row.Stored row, Parameters parameters, Scope scope) {
        NDArray own = scope.copy(parameters.get(row.ours()));
        if (!row.change().equals(Row.Change.NONE)) {
            Kernels.inPlace(
                    "undo_change_in_place",
                    own,
                    scope.scalar((float) row.change().times()),
                    scope.scalar((float) row.change().plus()));
        }
        return own;
    }

    private NDArray theirs(Row.Stored row, NDArray ours) {
        return Rearrange.of(row.layout()).inverse().apply(ours, sizes);
    }

    private static float[] values(Parameters parameters, String ours) {
        try (Scope scope = Scope.root()) {
            return scope.copy(parameters.get(ours)).toFloatArray();
        }
    }

    private void requireExpressible(Parameters parameters) {
        for (Row row : blueprint.expanded()) {
            if (row instanceof Row.Constant constant) {
                requireConstant(constant, parameters);
            }
            if (blueprint.tied() && row.isUnembedding()) {
                requireTied(row, parameters);
            }
        }
        requireOneValue(parameters);
    }

    /** Two parameters that come from one tensor must be equal to fit into it. */
    private void requireOneValue(Parameters parameters) {
        sources().forEach((theirs, rows) -> {
            List<Row.Stored> whole = rows.stream()
                    .filter(row -> row.piece() instanceof Row.Piece.Whole)
                    .toList();
            for (int i = 1; i < whole.size(); i++) {
                if (!Arrays.equals(
                        values(parameters, whole.get(0).ours()),
                        values(parameters, whole.get(i).ours()))) {
                    throw new CheckpointException(
                            "%s and %s differ, and checkpoints of %s have one tensor for both, %s. Write model.raw() instead of a processed model."
                                    .formatted(whole.get(0).ours(), whole.get(i).ours(), config.family(), theirs));
                }
            }
        });
    }

    private void requireConstant(Row.Constant row, Parameters parameters) {
        for (float value : values(parameters, row.ours())) {
            if (value != row.value()) {
                throw new CheckpointException(
                        "%s holds %s, and checkpoints of %s have no such tensor: they only fit where it is %s. Write model.raw() instead of a processed model."
                                .formatted(
                                        row.ours(), value, config.family(), row.value() == 0 ? "zero" : row.value()));
            }
        }
    }

    private void requireTied(Row unembedding, Parameters parameters) {
        float[] embed;
        try (Scope scope = Scope.root()) {
            embed = blueprint
                    .embedding()
                    .map(row -> original(row, parameters, scope).toFloatArray())
                    .orElseThrow();
        }
        float[] unembed = values(parameters, unembedding.ours());
        for (int v = 0; v < config.dVocab(); v++) {
            for (int m = 0; m < config.dModel(); m++) {
                float stored = embed[v * config.dModel() + m];
                float used = unembed[m * config.dVocab() + v];
                // A scaled embedding is divided to compare, which rounds.
                if (Math.abs(stored - used) > 2 * Math.ulp(used)) {
                    throw new CheckpointException(
                            "%s is not %s transposed, and this config.json ties them. Set tie_word_embeddings to false."
                                    .formatted(
                                            unembedding.ours(),
                                            blueprint.embedding().orElseThrow().ours()));
                }
            }
        }
    }
}
