package org.lens4j.cache;

import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.lens4j.error.StateException;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.hook.Stack;
import org.lens4j.weights.StoredType;

/**
 * What a run will keep and how much memory that takes, known before anything runs.
 *
 * <pre>{@code
 * long bytes = CachePlan.of(model.hooks(), List.of("*"), Set.of(), 1, 1024).bytes();
 * }</pre>
 *
 * @param activations in firing order
 * @param batch sequences in the run
 * @param pos positions in each
 * @param passing the most native memory that one block's activations take, whether they are kept or not
 */
public record CachePlan(List<Planned> activations, int batch, int pos, long passing) {
    /** Copies the list. */
    public CachePlan {
        activations = List.copyOf(activations);
    }

    /**
     * One activation that will be kept.
     *
     * @param name where it comes from
     * @param shape what it will have; -1 where that depends on the tokens, as with what a router sends to an expert
     * @param bytes of native memory; the most it can be where the shape depends on the tokens
     */
    public record Planned(HookName name, Shape shape, long bytes) {}

    /**
     * Plans a run.
     *
     * @param hooks the model's
     * @param globs names or globs of hook points
     * @param open the switches that are on
     * @param batch sequences in the run
     * @param pos positions in each
     * @throws org.lens4j.error.UnknownNameException if one of the globs matches nothing
     */
    public static CachePlan of(HookCatalogue hooks, Collection<String> globs, Set<Gate> open, int batch, int pos) {
        List<Planned> activations = hooks.matching(globs, open).stream()
                .map(name -> planned(name, hooks.shape(name, open, batch, pos), (long) batch * pos))
                .toList();
        return new CachePlan(activations, batch, pos, passing(hooks, open, batch, pos));
    }

    /** The activations of the first block of the stack that has the largest, all of a stack's blocks being alike. */
    private static long passing(HookCatalogue hooks, Set<Gate> open, int batch, int pos) {
        Map<Stack, Long> ofFirst = hooks.all().stream()
                .filter(it -> it.layer() == 0 && HookCatalogue.isOpen(it, open))
                .collect(Collectors.groupingBy(HookName::stack, Collectors.summingLong(it -> planned(
                                it, hooks.shape(it, open, batch, pos), (long) batch * pos)
                        .bytes())));
        return ofFirst.values().stream().mapToLong(it -> it).max().orElse(0);
    }

    private static Planned planned(HookName name, Shape shape, long tokens) {
        boolean ids = name.point().gate().filter(Gate.TOKENS::equals).isPresent();
        long numbers = LongStream.of(shape.getShape())
                .map(size -> size < 0 ? tokens : size)
                .reduce(1, Math::multiplyExact);
        return new Planned(name, shape, numbers * (ids ? Long.BYTES : Float.BYTES));
    }

    /** Native memory of all activations together. */
    public long bytes() {
        return activations.stream().mapToLong(Planned::bytes).sum();
    }

    /** Native memory for each token, on average: attention patterns grow with the square of the positions. */
    public long bytesPerToken() {
        return bytes() / ((long) batch * pos);
    }

    /**
     * About the most native memory that the run takes for activations at one time: those that are kept, and those of the
     * block it is in. Weights and logits come on top.
     */
    public long peakBytes() {
        return bytes() + passing;
    }

    /** {@link #peakBytes()} of a run that keeps its activations so. */
    public long peakBytes(CacheOptions options) {
        return Math.min(bytes(options), options.budget().bytes()) + passing;
    }

    /** Bytes of all activations together, kept so: in memory or in a file. */
    public long bytes(CacheOptions options) {
        return activations.stream()
                .mapToLong(it ->
                        options.type() == StoredType.F16 && !it.name().point().holdsIds() ? it.bytes() / 2 : it.bytes())
                .sum();
    }

    /** What will not find place within the budget and goes into a temporary file; 0 if all does. */
    public long spilledBytes(CacheOptions options) {
        return Math.max(0, bytes(options) - options.budget().bytes());
    }

    /**
     * Refuses a run whose activations find place neither within the budget nor on the disk.
     *
     * @return this plan
     * @throws StateException says what takes most, and what to do
     */
    public CachePlan check(CacheOptions options) {
        long spilled = spilledBytes(options);
        Path folder = options.budget().place();
        long free = spilled == 0 ? 0 : folder.toFile().getUsableSpace() - SpillFile.SPARE;
        if (spilled > free) {
            throw new StateException(
                    "These %d activations take %s (the largest: %s), the budget is %s, and %s has %s left for the rest. Cache fewer hook points or a shorter text, keep them as float16, or give CacheBudget another folder."
                            .formatted(
                                    activations.size(),
                                    readable(bytes(options)),
                                    largest(),
                                    readable(options.budget().bytes()),
                                    folder,
                                    readable(Math.max(0, free))));
        }
        return this;
    }

    private String largest() {
        return activations.stream()
                .max(Comparator.comparingLong(Planned::bytes))
                .map(it -> "%s with %s".formatted(it.name(), readable(it.bytes())))
                .orElse("none");
    }

    /** The plan in one line: how many activations, their bytes, the peak, and what goes into a file. */
    public String line(CacheOptions options) {
        long spilled = spilledBytes(options);
        String rest = spilled > 0
                ? " Over the budget of %s: about %s go into a temporary file."
                        .formatted(readable(options.budget().bytes()), readable(spilled))
                : "";
        return "%,d activations of %d × %d tokens take %s, about %s in memory at the peak; the largest is %s.%s"
                .formatted(
                        activations.size(),
                        batch,
                        pos,
                        readable(bytes(options)),
                        readable(peakBytes(options)),
                        largest(),
                        rest);
    }

    private static String readable(long bytes) {
        if (bytes == Long.MAX_VALUE) {
            return "unlimited";
        }
        return bytes < 1e6
                ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
                : String.format(Locale.ROOT, "%,.1f MB", bytes / 1e6);
    }
}
