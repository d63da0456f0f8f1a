package org.lens4j.load;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.Closest;
import org.lens4j.family.Blueprint;
import org.lens4j.family.Row;
import org.lens4j.tensor.Kernels;
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
    private final Blueprint blueprint;
    private final List<Row> rows;
    private final Checkpoint checkpoint;
    private final String prefix;
    private final Map<String, Long> sizes;

    ParameterLoader(Blueprint blueprint, Checkpoint checkpoint) {
        this.blueprint = blueprint;
        this.checkpoint = checkpoint;
        this.prefix = prefix();
        this.rows = blueprint.expanded().stream().filter(this::isThere).toList();
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

    /** Heads a checkpoint was saved without are not made up. */
    private boolean isThere(Row row) {
        return !(row instanceof Row.Stored stored && blueprint.tensors().mayLack(row))
                || checkpoint.has(source(stored));
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
     * Reads everything, and tells of each parameter that was read.
     *
     * @param scope owns the parameters and holds the mapped memory
     * @throws CheckpointException if a tensor is missing, has another shape, or is unknown
     */
    Loaded load(Place place, Scope scope, Consumer<Row> told) {
        requireAll();
        Reading reading = new Reading(place, scope);
        rows.forEach(((Consumer<Row>) reading::take).andThen(told));
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
            if (!fits(row, checkpoint.entry(theirs).dimensions())) {
                throw misfit(row, theirs);
            }
            used.add(theirs);
        });
        refuseUnknown(used);
    }

    private boolean fits(Row.Stored row, long[] dimensions) {
        Rearrange layout = Rearrange.of(row.layout());
        long[] ours = dimensions.clone();
        if (row.piece() instanceof Row.Piece.Stretch stretch) {
            if (stretch.axis() >= ours.length) {
                return false;
            }
            long length = layout.lengthBefore(stretch.axis(), sizes);
            if (stretch.from() + length > ours[stretch.axis()]) {
                return false;
            }
            ours[stretch.axis()] = length;
        }
        return layout.fits(new Shape(ours), sizes);
    }

    /** Tensors of the file that no row names. */
    List<String> ignored() {
        Set<String> used = new LinkedHashSet<>();
        forEachStored((row, theirs) -> used.add(theirs));
        return checkpoint.names().stream().filter(it -> !used.contains(it)).toList();
    }

    /** How the tensors that become parameters are stored. */
    List<String> types() {
        Set<String> types = new TreeSet<>();
        forEachStored((row, theirs) -> types.add(checkpoint.entry(theirs).type().name()));
        return List.copyOf(types);
    }

    /** How many numbers the parameters have. */
    long parameters() {
        return rows.stream()
                .mapToLong(row -> row.shape(blueprint.config()).size())
                .sum();
    }

    /** Bytes of native memory that reading would take, as float32. */
    long memory(Place place) {
        long[] bytes = {0};
        Set<String> seen = new LinkedHashSet<>();
        rows.stream()
                .filter(Row.Constant.class::isInstance)
                .forEach(row -> bytes[0] += row.shape(blueprint.config()).size() * Float.BYTES);
        forEachStored((row, theirs) -> {
            boolean shared = !seen.add(theirs) && (place == Place.FILE || sharesTensor(row));
            boolean inFile = (place == Place.FILE || isTable(row)) && FloatReader.canMap(checkpoint, theirs);
            boolean changed = place == Place.FILE && !row.change().equals(Row.Change.NONE);
            bytes[0] += shared || inFile ? 0 : checkpoint.entry(theirs).count() * Float.BYTES;
            bytes[0] += changed ? row.shape(blueprint.config()).size() * Float.BYTES : 0;
        });
        return bytes[0];
    }

    /** Told every stored row with the full name of its tensor. */
    @FunctionalInterface
    private interface StoredRows {
        void see(Row.Stored row, String theirs);
    }

    private void forEachStored(StoredRows visitor) {
        for (Row row : rows) {
            if (row instanceof Row.Stored stored) {
                visitor.see(stored, source(stored));
            }
        }
    }

    /** Whether the row takes a piece of its own, so that others may take theirs from the same memory. */
    private static boolean sharesTensor(Row.Stored row) {
        return !(row.piece() instanceof Row.Piece.Whole);
    }

    /** Whether a run only looks up rows of it, just as they are stored. */
    private boolean isTable(Row.Stored row) {
        String[] sides = row.layout().split("->", -1);
        return !sharesTensor(row)
                && row.isEmbedding()
                && row.change().equals(Row.Change.NONE)
                && sides[0].strip().equals(sides[1].strip());
    }

    /** One load: the tensors opened so far, and what became of them. */
    private final class Reading {
        private final Place place;
        private final Scope scope;
        private final Map<String, NDArray> opened = new LinkedHashMap<>();
        private final Map<String, List<Row.Stored>> taken = new LinkedHashMap<>();
        private final Map<String, NDArray> parameters = new LinkedHashMap<>();
        private final Map<String, RowTable> tables = new LinkedHashMap<>();
        private final List<String> zeros = new ArrayList<>();
        private long mapped;
        private long copied;

        Reading(Place place, Scope scope) {
            this.place = place;
            this.scope = scope;
        }

        void take(Row row) {
            if (row instanceof Row.Stored stored) {
                take(stored, stored.ours(), source(stored));
            } else if (row instanceof Row.Constant constant) {
                Shape shape = row.shape(blueprint.config());
                parameters.put(row.ours(), scope.constant(constant.value(), shape));
                zeros.add(row.ours());
            }
        }

        private void take(Row.Stored row, String ours, String theirs) {
            if (place == Place.MEMORY && isTable(row) && FloatReader.canMap(checkpoint, theirs)) {
                tables.put(ours, new RowTable(mapped(theirs), scope));
            } else {
                NDArray ownOrView = view(row, open(row, theirs));
                boolean shared = place == Place.MEMORY && sharesTensor(row) && !free(row, theirs);
                parameters.put(ours, shared ? duplicated(ownOrView) : ownOrView);
            }
        }

        /** Whether no row before took any of this piece: two that are rewritten where they lie must not share it. */
        private boolean free(Row.Stored row, String theirs) {
            List<Row.Stored> before = taken.computeIfAbsent(theirs, it -> new ArrayList<>());
            boolean free = before.stream().noneMatch(it -> overlap(it, row));
            before.add(row);
            return free;
        }

        private boolean overlap(Row.Stored one, Row.Stored other) {
            if (!(one.piece() instanceof Row.Piece.Stretch a) || !(other.piece() instanceof Row.Piece.Stretch b)) {
                return one.piece().equals(other.piece())
                        || one.piece().getClass() != other.piece().getClass();
            }
            long endOfA = a.from() + Rearrange.of(one.layout()).lengthBefore(a.axis(), sizes);
            long endOfB = b.from() + Rearrange.of(other.layout()).lengthBefore(b.axis(), sizes);
            return a.axis() != b.axis() || (a.from() < endOfB && b.from() < endOfA);
        }

        private NDArray duplicated(NDArray view) {
            try (view) {
                copied += view.size() * Float.BYTES;
                return view.duplicate();
            }
        }

        /** A tensor of the file. Parameters that will be rewritten share one only where each takes its own part. */
        private NDArray open(Row.Stored row, String theirs) {
            if (place == Place.FILE) {
                return opened.computeIfAbsent(theirs, this::mapped);
            }
            return sharesTensor(row) ? opened.computeIfAbsent(theirs, this::copied) : copied(theirs);
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
                NDArray piece = stretch(row, temporary.alias(stored), temporary);
                NDArray laidOut = Rearrange.of(row.layout()).apply(piece, sizes);
                if (row.piece() instanceof Row.Piece.Part part
                        && part.index() >= laidOut.getShape().get(0)) {
                    throw new CheckpointException("%s takes part %d of %s, which has %d. Count from 0."
                            .formatted(
                                    row.ours(),
                                    part.index(),
                                    row.theirs(),
                                    laidOut.getShape().get(0)));
                }
                NDArray ours = row.piece() instanceof Row.Piece.Part part ? laidOut.get(part.index()) : laidOut;
                return temporary.keep(changed(row, ours, temporary));
            }
        }

        /** The stretch of a fused tensor that is ours, a view. */
        private NDArray stretch(Row.Stored row, NDArray stored, Scope temporary) {
            if (!(row.piece() instanceof Row.Piece.Stretch stretch)) {
                return stored;
            }
            return Kernels.call(
                    "stretch",
                    stored,
                    temporary.scalar((long) stretch.axis()),
                    temporary.scalar(stretch.from()),
                    temporary.scalar(Rearrange.of(row.layout()).lengthBefore(stretch.axis(), sizes)));
        }

        /** What the row asks for: in place where the memory is this parameter's alone, otherwise in a copy. */
        private NDArray changed(Row.Stored row, NDArray view, Scope temporary) {
            if (row.change().equals(Row.Change.NONE)) {
                return view;
            }
            copied += place == Place.FILE ? view.size() * Float.BYTES : 0;
            NDArray own = place == Place.FILE ? view.duplicate() : view;
            Kernels.inPlace(
                    "change_in_place",
                    own,
                    temporary.scalar((float) row.change().times()),
                    temporary.scalar((float) row.change().plus()));
            return own;
        }

        Loaded finished() {
            return new Loaded(new Parameters(scope, parameters, tables), List.copyOf(zeros), mapped, copied);
        }
    }

    /** The full name in the file; with tied embeddings the unembedding is the token embedding. */
    private String source(Row.Stored row) {
        if (row.isUnembedding() && blueprint.tied()) {
            return prefix + blueprint.embedding().orElseThrow().theirs();
        }
        String theirs = row.atTop() ? row.theirs() : prefix + row.theirs();
        String older = blueprint.tensors().olderName(theirs);
        return checkpoint.has(theirs) || !checkpoint.has(older) ? theirs : older;
    }

    private void refuseUnknown(Set<String> used) {
        List<Pattern> buffers =
                blueprint.tensors().ignored().stream().map(Pattern::compile).toList();
        Optional<String> tiedCopy = blueprint.rows().stream()
                .filter(row -> row.isUnembedding() && blueprint.tied())
                .map(row -> ((Row.Stored) row).theirs())
                .findFirst();
        for (String name : checkpoint.names()) {
            String bare = name.startsWith(prefix) ? name.substring(prefix.length()) : name;
            boolean expected = used.contains(name) || tiedCopy.equals(Optional.of(name));
            boolean buffer = buffers.stream()
                    .anyMatch(
                            it -> it.matcher(bare).matches() || it.matcher(name).matches());
            if (!expected && !buffer) {
                throw new CheckpointException(
                        "%s holds \"%s\", which family %s does not use. Loading would leave it out silently, so it stopped."
                                .formatted(
                                        checkpoint.file(),
                                        name,
                                        blueprint.config().family()));
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
                                wanted(row)));
    }

    /** The shape a row asks for, its axes by name: {@code [d_vocab=97 (head=4 d_head=8)]}. */
    private String wanted(Row.Stored row) {
        String theirs = row.layout().substring(0, row.layout().indexOf("->")).strip();
        return Pattern.compile("\\w+")
                .matcher(theirs)
                .replaceAll(axis -> Row.axisName(axis.group())
                        .map(name -> name + "=" + sizes.get(axis.group()))
                        .orElseGet(axis::group))
                .transform("[%s]"::formatted);
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
