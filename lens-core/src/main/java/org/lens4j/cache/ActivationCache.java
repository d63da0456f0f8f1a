package org.lens4j.cache;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lens4j.error.StateException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.Gate;
import org.lens4j.hook.HookCatalogue;
import org.lens4j.hook.HookName;
import org.lens4j.hook.ShortName;
import org.lens4j.tensor.Axes;
import org.lens4j.tensor.Scope;
import org.lens4j.tensor.Slice;
import org.lens4j.text.Tokens;

/**
 * The activations of one run, by hook name, in firing order. Owns their native memory: closing the cache frees them, and a
 * tensor taken from it dies with it. TransformerLens: {@code ActivationCache}.
 *
 * <pre>{@code
 * NDArray pattern = cache.get("blocks.1.attn.hook_pattern");   // [batch head query_pos key_pos]
 * NDArray same = cache.get("pattern1");
 * NDArray last = cache.get("resid_post", -1);                  // of the last layer
 * NDArray head = cache.get("pattern1", Map.of("head", Slice.at(2)));
 * }</pre>
 *
 * <p>A cache stays within its {@link CacheBudget}. Where it holds more than native memory may, or comes from a file, or is
 * stored as float16, a tensor is read when it is asked for, and may be given up when others are: it is there at least until
 * the next {@code get}, and using it after it was given up is an error, never a wrong number. {@link #copy} gives one that
 * stays.
 */
public final class ActivationCache implements AutoCloseable {
    /** What follows a name for the gradient there. */
    public static final String GRADIENT = "_grad";

    static final String BATCH = "batch";

    private final Store store;
    private final Names names;
    private final Optional<Tokens> tokens;
    private volatile boolean closed;

    /**
     * An empty cache.
     *
     * @param scope owns what is kept; closed with the cache
     * @param tokens what was fed
     * @param hooks the model's
     * @param open the switches that are on
     * @param options how activations are kept
     */
    public ActivationCache(Scope scope, Tokens tokens, HookCatalogue hooks, Set<Gate> open, CacheOptions options) {
        this(new Store(scope, options), new Names(Optional.of(hooks), open), Optional.of(tokens));
    }

    ActivationCache(Store store, Names names, Optional<Tokens> tokens) {
        this.store = store;
        this.names = names;
        this.tokens = tokens;
    }

    /**
     * Opens what {@link CacheWriter} or Python's safetensors wrote. Nothing but the header is read; every tensor is read when
     * it is asked for, float16 and bfloat16 widened to float32. Keep the file in place until the cache is closed.
     *
     * @param file safetensors, activations under their hook names
     * @return owned by the caller
     * @throws org.lens4j.error.CheckpointException if the file is missing, damaged or holds no activations
     */
    public static ActivationCache open(Path file) {
        return CacheFile.open(file, Names.ofFile());
    }

    /**
     * {@link #open(Path)} with the hook points of the model it is of, so that layers may be counted from the end and axes have
     * the model's names.
     */
    public static ActivationCache open(Path file, HookCatalogue hooks) {
        return CacheFile.open(file, new Names(Optional.of(hooks), Set.of()));
    }

    /**
     * Keeps an activation: the cache gets a handle of its own to the same memory, without gradient history. A name kept
     * twice holds the last.
     *
     * @param name where it comes from
     * @param activation stays with its owner
     * @throws StateException if the budget is used up, and the disk too
     */
    public void keep(HookName name, NDArray activation) {
        put(name.full(), activation);
    }

    /** Drops the batch axis where that is asked for. */
    private void put(String full, NDArray activation) {
        boolean drops = !store.options().batchDim()
                && names.axes(full, activation.getShape())
                        .filter(it -> it.indexOf(BATCH) == 0)
                        .isPresent();
        if (!drops) {
            store.put(full, activation);
            return;
        }
        try (NDArray bare = activation.squeeze(0)) {
            store.put(full, bare);
        }
    }

    /**
     * Keeps the gradient at a point under {@code NAME_grad}, as {@link #keep} keeps activations. A point that fired several
     * times holds the sum.
     */
    public void keepGradient(HookName name, NDArray gradient) {
        String full = name.full() + GRADIENT;
        if (store.find(full).isEmpty()) {
            put(full, gradient);
            return;
        }
        NDArray before = store.get(full);
        if (before.size() != gradient.size()) {
            throw new UsageException(
                    "%s fired with %s and with %s in this run, and gradients of different shapes have no sum. Look at each: Hooks.observeGradient(\"%s\", …)."
                            .formatted(name, before.getShape(), gradient.getShape(), name));
        }
        try (NDArray more = gradient.reshape(before.getShape());
                NDArray sum = before.add(more)) {
            store.put(full, sum);
        }
    }

    /**
     * The activation of that name.
     *
     * @param name a full hook name that was asked for, or TransformerLens's short one: {@code k6}, {@code pre5},
     *     {@code scale4ln1}, {@code pattern3}, {@code resid_post-1}
     * @return owned by the cache: {@link #copy} it to keep it longer
     * @throws UnknownNameException if it was not cached; names the closest that were
     * @throws StateException if the cache is closed
     */
    public NDArray get(String name) {
        return get(ShortName.of(name));
    }

    /**
     * {@link #get(String)} of a layer: {@code get("attn", 3)} is the pattern there.
     *
     * @param layer negative ones count from the model's last
     */
    public NDArray get(String name, int layer) {
        return get(ShortName.of(name, layer));
    }

    /** {@link #get(String, int)} in a part of the block: {@code get("scale", 4, "ln1")}. */
    public NDArray get(String name, int layer, String part) {
        return get(ShortName.of(name, layer, part));
    }

    private NDArray get(ShortName asked) {
        return store.get(full(asked));
    }

    /**
     * A part of an activation.
     *
     * @param name as for {@link #get(String)}
     * @param slices what to take of the axes that are named, for example {@code Map.of("head", Slice.at(2))}
     * @return memory of its own; owned by the cache, so close it sooner where many are taken
     * @throws UnknownNameException if it has no such axis; names those it has
     */
    public NDArray get(String name, Map<String, Slice> slices) {
        NDArray whole = get(name);
        String full = full(ShortName.of(name));
        try (Scope inside = Scope.root()) {
            NDArray part = inside.alias(whole);
            Axes axes = axes(name)
                    .orElseThrow(() -> new UsageException(
                            "%s has shape %s, and the names of its axes are not known. Take it whole, and slice the tensor."
                                    .formatted(full, whole.getShape())));
            for (String axis : slices.keySet()) {
                if (axes.indexOf(axis) < 0) {
                    throw UnknownNameException.of("axis", axis, full, axes.names(), "Its axes are " + axes + ".");
                }
            }
            for (int i = axes.rank() - 1; i >= 0; i--) {
                String axis = axes.names().get(i);
                part = Optional.ofNullable(slices.get(axis)).orElse(Slice.all()).of(part, i, axis);
            }
            return store.scope().copy(part);
        }
    }

    /**
     * A copy of an activation for a scope of the caller's own, which outlives the cache.
     *
     * @param name as for {@link #get(String)}
     * @param scope owns the copy
     */
    public NDArray copy(String name, Scope scope) {
        return store.givenCopy(full(ShortName.of(name)), scope);
    }

    private String full(ShortName asked) {
        requireOpen();
        String written = asked.toString();
        return store.find(written).isPresent() ? written : names.full(asked, store.names());
    }

    private void requireOpen() {
        if (closed) {
            throw new StateException("This cache is closed, and its tensors are gone. Cache the activations again.");
        }
    }

    /** Whether an activation of that full name was cached. */
    public boolean has(String name) {
        return store.find(name).isPresent();
    }

    /** The names, in firing order. */
    public List<String> names() {
        return store.names();
    }

    /**
     * The names of an activation's axes; of a cache from a file alone, those most models have.
     *
     * @param name as for {@link #get(String)}
     * @return empty if it is no hook point's
     */
    public Optional<Axes> axes(String name) {
        String full = full(ShortName.of(name));
        return names.axes(full, store.slot(full).shape());
    }

    /** The shape of an activation, which is not read for it. */
    public Shape shape(String name) {
        return store.slot(full(ShortName.of(name))).shape();
    }

    /** Bytes of an activation as it is stored, wherever that is: in memory or in a file; it is not read for it. */
    public long storedBytes(String name) {
        Slot slot = store.slot(full(ShortName.of(name)));
        return slot.shape().size() * slot.stored().getNumOfBytes();
    }

    /** One activation: its full name, and its tensor, which belongs to the cache. */
    public record Entry(String name, NDArray tensor) {}

    /** All activations in firing order, each read when its turn comes. */
    public Iterable<Entry> entries() {
        requireOpen();
        return () -> {
            Iterator<String> each = names().iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return each.hasNext();
                }

                @Override
                public Entry next() {
                    String name = each.next();
                    return new Entry(name, get(name));
                }
            };
        };
    }

    /**
     * What was fed.
     *
     * @throws StateException if the cache comes from a file without tokens
     */
    public Tokens tokens() {
        return tokens.orElseThrow(() -> new StateException(
                "The file of this cache has no tensor \"tokens\" of shape [batch pos], so what was fed is not known."));
    }

    /** How many activations it holds. */
    public int size() {
        return store.size();
    }

    /** Native memory held now, in bytes; an activation kept under two names counts twice. */
    public long bytes() {
        return store.held();
    }

    /** What was written to a temporary file because the budget was used up, in bytes; 0 if nothing was. */
    public long spilledBytes() {
        return store.spilled();
    }

    /**
     * Stores the float32 activations as float16 from now on, in half the memory; {@link #get} widens what it gives. An
     * activation with numbers beyond 65,504 stays as it is, as do ids and what lies in a file. Tensors taken before are gone.
     * TransformerLens: {@code cache.to(torch.float16)}.
     *
     * @return this cache
     */
    public ActivationCache toFloat16() {
        requireOpen();
        store.narrow();
        return this;
    }

    /**
     * Some of the batch's sequences. TransformerLens: {@code apply_slice_to_batch_dim}.
     *
     * @param sequences with {@link Slice#at} the axis is gone
     * @return reads from this cache when it is asked, within a budget like this one's; closed with this cache, or sooner.
     *     Without what has no batch axis: what a router sent to an expert, and tensors of a file that are no hook point's
     */
    public ActivationCache batchSlice(Slice sequences) {
        requireOpen();
        return BatchPart.of(this, sequences);
    }

    /**
     * The same without the batch axis, which must be of size 1. TransformerLens: {@code remove_batch_dim}.
     *
     * @return as {@link #batchSlice}
     */
    public ActivationCache removeBatchDim() {
        requireOpen();
        BatchPart.requireOne(this);
        return batchSlice(Slice.at(0));
    }

    /**
     * Moves everything to Java memory, and closes this cache. TransformerLens: {@code cache.to("cpu")}, and to numpy.
     *
     * @return float32 numbers; ids exact up to 16,777,216
     */
    public HeapCache toHeap() {
        Map<String, HeapCache.Activation> all = new LinkedHashMap<>();
        for (String name : names()) {
            NDArray tensor = get(name);
            all.put(name, HeapCache.Activation.of(tensor, axes(name)));
            store.remove(name);
        }
        close();
        return new HeapCache(all, names, tokens);
    }

    /** How the parts of this file read it. */
    Store store() {
        return store;
    }

    /** What its names mean. */
    Names meaning() {
        return names;
    }

    /** What was fed, if it is known. */
    Optional<Tokens> fed() {
        return tokens;
    }

    @Override
    public void close() {
        closed = true;
        store.close();
    }

    @Override
    public String toString() {
        if (closed) {
            return "ActivationCache (closed)";
        }
        String spilled = spilledBytes() > 0 ? ", %d more in a temporary file".formatted(spilledBytes()) : "";
        return "ActivationCache of %d activations, %d bytes%s".formatted(size(), bytes(), spilled);
    }
}
