package org.lens4j.cache;

import ai.djl.ndarray.types.Shape;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;

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
 */
public record CachePlan(List<Planned> activations, int batch, int pos) {
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
        return new CachePlan(activations, batch, pos);
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
}
