package org.lens4j.load;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
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
import org.lens4j.family.Family;
import org.lens4j.family.Row;
import org.lens4j.tensor.Rearrange;
import org.lens4j.tensor.Scope;
import org.lens4j.weights.Checkpoint;
import org.lens4j.weights.FloatReader;
import org.lens4j.weights.MappedFloats;
import org.lens4j.weights.Parameters;
import org.lens4j.weights.RowTable;

/**
 * Applies a family's rows to a checkpoint, tensor by tensor. Every row must find its tensor and every tensor must be named
 * by a row or be a known buffer; anything else stops the load.
 *
 * <p>Parameters are views of what was read: parts of a fused tensor share its memory, and transposed ones keep the order of
 * their axes in the file.
 */
final class ParameterLoader {
    private final Family family;
    private final ModelConfig config;
    private final Checkpoint checkpoint;
    private final boolean tied;
    private final String prefix;
    private final Map<String, Long> sizes;

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

    /** Where the parameters' numbers are to be. */
    enum Place {
        /** In the file, mapped, wherever they can be used as they lie there; equal to the file to the last bit. */
        FILE,
        /** In native memory, each parameter in its own, so that it can be rewritten; only rows of the embedding are not. */
        MEMORY
    }

    /**
     * What was read.
     *
     * @param parameters owned by the scope they were read into
     * @param zeros parameters filled with zeros
     * @param mapped bytes that stay in the file
     * @param copied bytes that went into native memory, as float32
     */
    record Loaded(Parameters parameters, List<String> zeros, long mapped, long copied) {}

    /**
     * Reads everything.
     *
     * @param scope owns the parameters and holds the mapped memory
     * @throws CheckpointException if a tensor is missing, has another shape, or is unknown
     */
    Loaded load(Place place, Scope scope) {
        requireAll();
        Reading reading = new Reading(place, scope);
        for (Row row : family.rows()) {
            for (int layer = 0; layer < row.repetitions(config); layer++) {
                reading.take(row, layer);
            }
        }
        return reading.finished();
    }

    /**
     * Refuses a checkpoint that lacks a tensor, has one of another shape, or one too many, before anything is read.
     *
     * @throws CheckpointException if it does
     */
    void requireAll() {
        Set<String> used = new LinkedHashSet<>();
        forEachStored((row, theirs) -> {
            if (!checkpoint.has(theirs)) {
                throw missing(theirs);
            }
            if (!Rearrange.of(row.layout())
                    .fits(new Shape(checkpoint.entry(theirs).dimensions()), sizes)) {
                throw misfit(row, theirs);
            }
            used.add(theirs);
        });
        refuseUnknown(used);
    }

    /** Tensors of the file that no row names. */
    List<String> ignored() {
        Set<String> used = new LinkedHashSet<>();
        forEachStored((row, theirs) -> used.add(theirs));
        return checkpoint.names().stream().filter(it -> !used.contains(it)).toList();
    }

    /** How many numbers the parameters have. */
    long parameters() {
        return family.rows().stream()
                .mapToLong(row -> row.shape(config).size() * row.repetitions(config))
                .sum();
    }

    /** Bytes of native memory that reading would take, as float32. */
    long memory(Place place) {
        long[] bytes = {0};
        Set<String> seen = new LinkedHashSet<>();
        for (Row row : family.rows()) {
            if (row instanceof Row.Zero) {
                bytes[0] += row.shape(config).size() * Float.BYTES * row.repetitions(config);
            }
        }
        forEachStored((row, theirs) -> {
            boolean again = !seen.add(theirs) && (place == Place.FILE || row.part() >= 0);
            boolean inFile = (place == Place.FILE || isTable(row)) && FloatReader.canMap(checkpoint, theirs);
            bytes[0] += again || inFile ? 0 : checkpoint.entry(theirs).count() * Float.BYTES;
        });
        return bytes[0];
    }

    /** Told every stored row with the full name of its tensor. */
    @FunctionalInterface
    private interface StoredRows {
        void see(Row.Stored row, String theirs);
    }

    private void forEachStored(StoredRows visitor) {
        for (Row row : family.rows()) {
            for (int layer = 0; layer < row.repetitions(config) && row instanceof Row.Stored; layer++) {
                Row.Stored stored = (Row.Stored) row;
                visitor.see(stored, source(stored, layer));
            }
        }
    }

    /** Whether a run only looks up rows of it, just as they are stored. */
    private boolean isTable(Row.Stored row) {
        String[] sides = row.layout().split("->", -1);
        return row.part() < 0
                && row.ours().equals(family.embedding())
                && sides[0].strip().equals(sides[1].strip());
    }

    /** One load: the tensors opened so far, and what became of them. */
    private final class Reading {
        private final Place place;
        private final Scope scope;
        private final Map<String, NDArray> opened = new LinkedHashMap<>();
        private final Map<String, NDArray> parameters = new LinkedHashMap<>();
        private final Map<String, RowTable> tables = new LinkedHashMap<>();
        private final List<String> zeros = new ArrayList<>();
        private long mapped;
        private long copied;

        Reading(Place place, Scope scope) {
            this.place = place;
            this.scope = scope;
        }

        void take(Row row, int layer) {
            String ours = Row.at(row.ours(), layer);
            if (row instanceof Row.Stored stored) {
                take(stored, ours, source(stored, layer));
            } else {
                parameters.put(ours, scope.zeros(row.shape(config)));
                zeros.add(ours);
            }
        }

        private void take(Row.Stored row, String ours, String theirs) {
            if (place == Place.MEMORY && isTable(row) && FloatReader.canMap(checkpoint, theirs)) {
                tables.put(ours, new RowTable(mapped(theirs), scope));
            } else {
                parameters.put(ours, view(row, open(row, theirs)));
            }
        }

        /** A tensor of the file. Parameters that will be rewritten share one only where each takes its own part. */
        private NDArray open(Row.Stored row, String theirs) {
            if (place == Place.FILE) {
                return opened.computeIfAbsent(theirs, this::mapped);
            }
            return row.part() < 0 ? copied(theirs) : opened.computeIfAbsent(theirs, this::copied);
        }

        private NDArray mapped(String theirs) {
            MappedFloats floats = FloatReader.mapped(checkpoint, theirs, scope);
            scope.hold(floats);
            long bytes = checkpoint.entry(theirs).count() * Float.BYTES;
            mapped += floats.isMapped() ? bytes : 0;
            copied += floats.isMapped() ? 0 : bytes;
            return floats.array();
        }

        private NDArray copied(String theirs) {
            copied += checkpoint.entry(theirs).count() * Float.BYTES;
            return FloatReader.copied(checkpoint, theirs, scope);
        }

        private NDArray view(Row.Stored row, NDArray stored) {
            try (Scope temporary = new Scope(scope)) {
                NDArray laidOut = Rearrange.of(row.layout()).apply(temporary.alias(stored), sizes);
                return temporary.keep(row.part() < 0 ? laidOut : laidOut.get(row.part()));
            }
        }

        Loaded finished() {
            return new Loaded(new Parameters(scope, parameters, tables), List.copyOf(zeros), mapped, copied);
        }
    }

    /** The full name in the file; with tied embeddings the unembedding is the token embedding. */
    private String source(Row.Stored row, int layer) {
        String theirs = Row.at(row.theirs(), layer);
        if (theirs.equals(Family.UNEMBED)) {
            return tied ? prefix + family.tokenEmbedding() : theirs;
        }
        return prefix + theirs;
    }

    private void refuseUnknown(Set<String> used) {
        List<Pattern> buffers =
                family.ignoredTensors().stream().map(Pattern::compile).toList();
        for (String name : checkpoint.names()) {
            String bare = name.startsWith(prefix) ? name.substring(prefix.length()) : name;
            boolean expected = used.contains(name) || (tied && name.equals(Family.UNEMBED));
            if (!expected && buffers.stream().noneMatch(it -> it.matcher(bare).matches())) {
                throw new CheckpointException(
                        "%s holds \"%s\", which family %s does not use. Loading would leave it out silently, so it stopped."
                                .formatted(checkpoint.file(), name, config.family()));
            }
        }
    }

    private CheckpointException misfit(Row.Stored row, String theirs) {
        return new CheckpointException(
                "%s of %s has the shape %s, and config.json asks for %s. Are these the weights of this config.json?"
                        .formatted(
                                theirs,
                                checkpoint.file(),
                                checkpoint.entry(theirs).shape(),
                                row.layout()));
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
