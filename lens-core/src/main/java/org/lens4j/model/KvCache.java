package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.lens4j.error.StateException;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/**
 * Keys and values of the tokens a model has read, so that a longer text is continued without reading it again. Keys are kept
 * before rotation. Owns their native memory. TransformerLens: {@code HookedTransformerKeyValueCache}.
 *
 * <pre>{@code
 * try (KvCache past = new KvCache()) {
 *     model.run(first, RunOptions.defaults().withPast(past)).close();
 *     Run more = model.run(second, RunOptions.defaults().withPast(past));   // as if first and second were one text
 * }
 * }</pre>
 *
 * <p>A run that fails, or is interrupted, leaves it as it was. One run at a time.
 */
public final class KvCache implements AutoCloseable {
    private final Scope scope = Scope.root();
    private final Map<Integer, Entry> entries = new LinkedHashMap<>();
    private Optional<NDArray> attended = Optional.empty();
    private boolean frozen;

    /**
     * What one layer remembers.
     *
     * @param keys before rotation, {@code [batch pos kv_head d_head]}
     * @param values {@code [batch pos kv_head d_head]}
     */
    public record Entry(NDArray keys, NDArray values) {}

    /** How many tokens of each sequence are remembered. */
    public long length() {
        return entries.isEmpty() ? 0 : any().keys().getShape().get(1);
    }

    /** Every layer remembers the same tokens. */
    private Entry any() {
        return entries.values().iterator().next();
    }

    /** How many tokens of one sequence are remembered, padding left out. */
    public long length(int sequence) {
        return attended.map(it -> {
                    try (NDArray row = it.get(sequence)) {
                        boolean[] real = row.toBooleanArray();
                        return IntStream.range(0, real.length)
                                .filter(i -> real[i])
                                .count();
                    }
                })
                .orElseGet(this::length);
    }

    /**
     * What a layer remembers.
     *
     * @return owned by this cache
     * @throws StateException if no run has filled it
     */
    public Entry entry(int layer) {
        return Optional.ofNullable(entries.get(layer))
                .orElseThrow(() -> new StateException(
                        "This key-value cache holds nothing of layer %d. Give it to a run first: RunOptions.defaults().withPast(cache)."
                                .formatted(layer)));
    }

    /**
     * What one layer remembers of the first tokens of some sequences, for runs of that layer alone which differ from there on.
     *
     * @param layer which
     * @param count how many tokens, at most {@link #length()}
     * @param sequences of this cache, in the order of the run's, as often as it has them
     * @return frozen; owned by the caller
     */
    public KvCache start(int layer, int count, int... sequences) {
        KvCache part = new KvCache();
        Entry whole = entry(layer);
        NDArray rows = part.scope.longs(IntStream.of(sequences).asLongStream().toArray(), new Shape(sequences.length));
        part.entries.put(layer, new Entry(part.cut(whole.keys(), count, rows), part.cut(whole.values(), count, rows)));
        part.attended = attended.map(it -> part.cut(it, count, rows));
        part.freeze();
        return part;
    }

    private NDArray cut(NDArray whole, long count, NDArray rows) {
        return Kernels.call("first_columns", scope.alias(whole), scope.scalar(count), rows);
    }

    /** From now on runs read what is remembered and add nothing. */
    public void freeze() {
        frozen = true;
    }

    /** From now on runs add what they read; the normal state. */
    public void unfreeze() {
        frozen = false;
    }

    /**
     * Which of all keys, remembered and new, are no padding.
     *
     * @param ids of the pass
     * @param fresh of the pass, bool {@code [batch pos]}; empty for no padding
     * @return bool {@code [batch key_pos]}, owned by the owner; empty if there never was padding
     */
    Optional<NDArray> attended(NDArray ids, Optional<NDArray> fresh, Scope owner) {
        long remembered = length();
        if (remembered > 0 && any().keys().getShape().get(0) != ids.getShape().get(0)) {
            throw new StateException(
                    "This key-value cache remembers %d sequences, and the run has %d. Continue the same ones."
                            .formatted(
                                    any().keys().getShape().get(0),
                                    ids.getShape().get(0)));
        }
        if (attended.isEmpty() && fresh.isEmpty()) {
            return Optional.empty();
        }
        NDArray old =
                attended.map(owner::alias).orElseGet(() -> Kernels.call("all_seen", ids, owner.scalar(remembered)));
        NDArray now = fresh.orElseGet(
                () -> Kernels.call("all_seen", ids, owner.scalar(ids.getShape().get(1))));
        NDArray all = Kernels.call("join_columns", old, now);
        if (!frozen) {
            attended.ifPresent(NDArray::close);
            attended = Optional.of(scope.copy(all));
        }
        return Optional.of(all);
    }

    /** Puts new keys and values behind the old; what is given back belongs to the pass. */
    Entry append(int layer, NDArray keys, NDArray values) {
        Entry old = entries.get(layer);
        Entry all = old == null
                ? new Entry(keys, values)
                : new Entry(
                        Kernels.call("join_columns_after", keys, old.keys()),
                        Kernels.call("join_columns_after", values, old.values()));
        if (!frozen) {
            entries.put(layer, new Entry(scope.copy(all.keys()), scope.copy(all.values())));
            if (old != null) {
                free(old);
            }
        }
        return all;
    }

    /** Whether runs add what they read. */
    boolean isGrowing() {
        return !frozen;
    }

    /** Does a run; where it fails, what it has added so far is taken back, so that all layers remember the same tokens. */
    <T> T whole(Supplier<T> run) {
        long before = length();
        try {
            return run.get();
        } catch (RuntimeException | Error e) {
            if (!frozen) {
                cutTo(before);
            }
            throw e;
        }
    }

    private void cutTo(long length) {
        if (length == 0) {
            entries.values().forEach(KvCache::free);
            entries.clear();
            attended.ifPresent(NDArray::close);
            attended = Optional.empty();
            return;
        }
        entries.replaceAll((layer, it) -> {
            if (it.keys().getShape().get(1) == length) {
                return it;
            }
            Entry shorter = new Entry(cut(it.keys(), length), cut(it.values(), length));
            free(it);
            return shorter;
        });
        attended = attended.map(it -> {
            NDArray shorter = cut(it, length);
            it.close();
            return shorter;
        });
    }

    private NDArray cut(NDArray columns, long length) {
        try (NDArray part = columns.get(new NDIndex(":, 0:{}", length))) {
            return scope.copy(part);
        }
    }

    private static void free(Entry entry) {
        entry.keys().close();
        entry.values().close();
    }

    @Override
    public void close() {
        entries.clear();
        attended = Optional.empty();
        scope.close();
    }
}
