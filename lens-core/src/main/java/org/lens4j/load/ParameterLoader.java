package org.lens4j.load;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.Closest;
import org.lens4j.error.ShapeException;
import org.lens4j.family.Family;
import org.lens4j.family.Row;
import org.lens4j.tensor.Rearrange;
import org.lens4j.tensor.Scope;
import org.lens4j.weights.Checkpoint;
import org.lens4j.weights.FloatReader;
import org.lens4j.weights.Parameters;

/**
 * Applies a family's rows to a checkpoint. Every row must find its tensor and every tensor must be named by a row or be a
 * known buffer; anything else stops the load.
 */
final class ParameterLoader {
    private final Family family;
    private final ModelConfig config;
    private final Checkpoint checkpoint;
    private final boolean tied;
    private final String prefix;
    private final Map<String, Long> sizes;
    private final Map<String, NDArray> parameters = new LinkedHashMap<>();
    private final List<String> zeros = new ArrayList<>();
    private final Set<String> used = new LinkedHashSet<>();

    ParameterLoader(Family family, ModelConfig config, Checkpoint checkpoint, boolean tied) {
        this.family = family;
        this.config = config;
        this.checkpoint = checkpoint;
        this.tied = tied;
        this.prefix = family.prefixes().stream()
                .filter(it -> checkpoint.has(it + family.tokenEmbedding()))
                .findFirst()
                .orElseThrow(() -> missing(family.tokenEmbedding()));
        this.sizes = Row.sizes(config);
    }

    /**
     * Reads everything.
     *
     * @param scope owns the parameters
     * @throws CheckpointException if a tensor is missing, has another shape, or is unknown
     */
    Parameters load(Scope scope) {
        for (Row row : family.rows()) {
            for (int layer = 0; layer < row.repetitions(config); layer++) {
                String ours = Row.at(row.ours(), layer);
                if (row instanceof Row.Zero) {
                    parameters.put(ours, scope.zeros(row.shape(config)));
                    zeros.add(ours);
                } else if (row instanceof Row.Stored stored) {
                    parameters.put(ours, read(stored, source(Row.at(stored.theirs(), layer)), scope));
                }
            }
        }
        refuseUnknown();
        return new Parameters(scope, parameters);
    }

    /** Parameters filled with zeros. */
    List<String> zeros() {
        return zeros;
    }

    /** Tensors of the file that no row named. */
    List<String> ignored() {
        return checkpoint.names().stream().filter(it -> !used.contains(it)).toList();
    }

    private NDArray read(Row.Stored row, String theirs, Scope scope) {
        if (!checkpoint.has(theirs)) {
            throw missing(theirs);
        }
        used.add(theirs);
        try (Scope temporary = new Scope(scope)) {
            NDArray stored = FloatReader.read(checkpoint, theirs, temporary);
            NDArray laidOut = Rearrange.of(row.layout()).apply(stored, sizes);
            NDArray part = row.part() < 0 ? laidOut : laidOut.get(row.part());
            return temporary.keep(part.duplicate());
        } catch (ShapeException e) {
            throw new CheckpointException(
                    "%s of %s has the shape %s, and config.json asks for %s. Are these the weights of this config.json?"
                            .formatted(
                                    theirs,
                                    checkpoint.file(),
                                    checkpoint.entry(theirs).shape(),
                                    row.layout()),
                    e);
        }
    }

    /** The full name in the file; with tied embeddings the unembedding is the token embedding. */
    private String source(String theirs) {
        if (theirs.equals(Family.UNEMBED)) {
            return tied ? prefix + family.tokenEmbedding() : theirs;
        }
        return prefix + theirs;
    }

    private void refuseUnknown() {
        List<Pattern> buffers =
                family.ignoredTensors().stream().map(Pattern::compile).toList();
        for (String name : ignored()) {
            String bare = name.startsWith(prefix) ? name.substring(prefix.length()) : name;
            boolean tiedCopy = tied && name.equals(Family.UNEMBED);
            if (!tiedCopy && buffers.stream().noneMatch(it -> it.matcher(bare).matches())) {
                throw new CheckpointException(
                        "%s holds \"%s\", which family %s does not use. Loading would leave it out silently, so it stopped."
                                .formatted(checkpoint.file(), name, config.family()));
            }
        }
    }

    private CheckpointException missing(String theirs) {
        return new CheckpointException(
                "%s lacks the tensor \"%s\". Closest of its %d: %s. Are these the weights of this config.json?"
                        .formatted(
                                checkpoint.file(),
                                theirs,
                                checkpoint.entries().size(),
                                String.join(", ", Closest.to(theirs, checkpoint.names(), 3))));
    }
}
