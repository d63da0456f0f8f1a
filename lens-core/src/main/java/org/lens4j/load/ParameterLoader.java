package org.lens4j.load;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.Closest;
import org.lens4j.error.ShapeException;
import org.lens4j.family.Blueprint;
import org.lens4j.family.Row;
import org.lens4j.tensor.Kernels;
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
    private final Blueprint blueprint;
    private final Checkpoint checkpoint;
    private final String prefix;
    private final Map<String, Long> sizes;
    private final Map<String, NDArray> parameters = new LinkedHashMap<>();
    private final List<String> zeros = new ArrayList<>();
    private final Set<String> used = new LinkedHashSet<>();

    ParameterLoader(Blueprint blueprint, Checkpoint checkpoint) {
        this.blueprint = blueprint;
        this.checkpoint = checkpoint;
        this.prefix = prefix();
        this.sizes = Row.sizes(blueprint.config());
    }

    /** The prefix under which the checkpoint has the token embedding. */
    private String prefix() {
        List<String> prefixes = blueprint.tensors().prefixes();
        return blueprint
                .embedding()
                .map(row -> prefixes.stream()
                        .filter(it -> checkpoint.has(it + row.theirs()))
                        .findFirst()
                        .orElseThrow(() -> missing(prefixes.get(0) + row.theirs())))
                .orElse(prefixes.get(0));
    }

    /**
     * Reads everything.
     *
     * @param scope owns the parameters
     * @throws CheckpointException if a tensor is missing, has another shape, or is unknown
     */
    Parameters load(Scope scope) {
        for (Row row : blueprint.expanded()) {
            if (row instanceof Row.Constant constant) {
                parameters.put(row.ours(), scope.constant(constant.value(), row.shape(blueprint.config())));
                zeros.add(row.ours());
            } else if (row instanceof Row.Stored stored) {
                parameters.put(row.ours(), read(stored, source(stored), scope));
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
            NDArray piece = stretch(row, stored);
            NDArray laidOut = Rearrange.of(row.layout()).apply(piece, sizes);
            NDArray part = row.piece() instanceof Row.Piece.Part at ? laidOut.get(at.index()) : laidOut;
            requireShape(row, part);
            NDArray own = part.duplicate();
            // Nothing here is on a path with gradients: a number as operand is safe.
            NDArray scaled = row.change().times() == 1
                    ? own
                    : own.muli((float) row.change().times());
            NDArray changed = row.change().plus() == 0
                    ? scaled
                    : scaled.addi((float) row.change().plus());
            return temporary.keep(changed);
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

    /** The stretch of a fused tensor that is ours. */
    private NDArray stretch(Row.Stored row, NDArray stored) {
        if (!(row.piece() instanceof Row.Piece.Stretch stretch)) {
            return stored;
        }
        long length = Rearrange.of(row.layout()).lengthBefore(stretch.axis(), sizes);
        if (stretch.axis() >= stored.getShape().dimension()
                || stretch.from() + length > stored.getShape().get(stretch.axis())) {
            throw new ShapeException("%s has the shape %s, and %s asks for %d to %d of its axis %d."
                    .formatted(
                            row.theirs(),
                            stored.getShape(),
                            row.ours(),
                            stretch.from(),
                            stretch.from() + length,
                            stretch.axis()));
        }
        return Kernels.call(
                "stretch",
                stored,
                stored.getManager().create((long) stretch.axis()),
                stored.getManager().create(stretch.from()),
                stored.getManager().create(length));
    }

    private void requireShape(Row row, NDArray tensor) {
        if (!tensor.getShape().equals(row.shape(blueprint.config()))) {
            throw new ShapeException("%s would have the shape %s, and config.json asks for %s."
                    .formatted(row.ours(), tensor.getShape(), row.shape(blueprint.config())));
        }
    }

    /** The full name in the file; with tied embeddings the unembedding is the token embedding. */
    private String source(Row.Stored row) {
        if (row.isUnembedding() && blueprint.tied()) {
            return prefix + blueprint.embedding().orElseThrow().theirs();
        }
        return row.atTop() ? row.theirs() : prefix + row.theirs();
    }

    private void refuseUnknown() {
        List<Pattern> buffers =
                blueprint.tensors().ignored().stream().map(Pattern::compile).toList();
        Optional<String> tiedCopy = blueprint.rows().stream()
                .filter(row -> row.isUnembedding() && blueprint.tied())
                .map(row -> ((Row.Stored) row).theirs())
                .findFirst();
        for (String name : ignored()) {
            String bare = name.startsWith(prefix) ? name.substring(prefix.length()) : name;
            boolean buffer = buffers.stream()
                    .anyMatch(
                            it -> it.matcher(bare).matches() || it.matcher(name).matches());
            if (!buffer && !tiedCopy.equals(Optional.of(name))) {
                throw new CheckpointException(
                        "%s holds \"%s\", which family %s does not use. Loading would leave it out silently, so it stopped."
                                .formatted(
                                        checkpoint.file(),
                                        name,
                                        blueprint.config().family()));
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
