package org.lens4j.family;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.lens4j.config.ModelConfig;

/**
 * What a config.json describes: a model's shape, and where its parameters lie in a checkpoint.
 *
 * @param config the shape
 * @param rows every parameter, once; rows may stand for one in each layer and for each expert
 * @param tensors what is said of the checkpoint as a whole
 */
public record Blueprint(ModelConfig config, List<Row> rows, Tensors tensors) {
    /**
     * What is said of a checkpoint as a whole.
     *
     * @param prefixes may stand before every name but those outside; tried in order; {@code ""} for none
     * @param tied whether the unembedding is the token embedding and the checkpoint need not hold it
     * @param ignored patterns (regular expressions) of tensors that hold no parameter: mask buffers and the like
     * @param heads patterns of our names of parameters a checkpoint may lack: heads it was saved without
     * @param olderNames ends of tensor names, and what they were in older checkpoints
     */
    public record Tensors(
            List<String> prefixes,
            boolean tied,
            List<String> ignored,
            List<String> heads,
            Map<String, String> olderNames) {
        /** Copies the lists. */
        public Tensors {
            prefixes = List.copyOf(prefixes);
            ignored = List.copyOf(ignored);
            heads = List.copyOf(heads);
            olderNames = Map.copyOf(olderNames);
        }

        /** A checkpoint that must have every parameter, under one name. */
        public Tensors(List<String> prefixes, boolean tied, List<String> ignored) {
            this(prefixes, tied, ignored, List.of(), Map.of());
        }

        /** Whether a checkpoint may lack a parameter. */
        public boolean mayLack(Row row) {
            return heads.stream().anyMatch(row.ours()::matches);
        }

        /** What a tensor was called in older checkpoints; the same name if it has no other. */
        public String olderName(String theirs) {
            return olderNames.entrySet().stream()
                    .filter(it -> theirs.endsWith(it.getKey()))
                    .map(it -> theirs.substring(0, theirs.length() - it.getKey().length()) + it.getValue())
                    .findFirst()
                    .orElse(theirs);
        }
    }

    /** Copies the rows. */
    public Blueprint {
        rows = List.copyOf(rows);
    }

    /** Every row once for each layer and expert. */
    public List<Row> expanded() {
        return rows.stream().flatMap(row -> row.expanded(config).stream()).toList();
    }

    /** Whether the unembedding is the token embedding. */
    public boolean tied() {
        return tensors.tied();
    }

    /** The row of the token embedding, if it is read from the checkpoint. */
    public Optional<Row.Stored> embedding() {
        return rows.stream()
                .filter(Row::isEmbedding)
                .filter(Row.Stored.class::isInstance)
                .map(Row.Stored.class::cast)
                .findFirst();
    }
}
