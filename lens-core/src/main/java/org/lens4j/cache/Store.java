package org.lens4j.cache;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.lens4j.tensor.Scope;
import org.lens4j.weights.StoredType;

/**
 * The activations of a cache within its budget: the least recently used give up their native memory first, and are written
 * to a temporary file if they lie nowhere else. Serves several threads one after the other.
 */
final class Store implements AutoCloseable {
    /** What of a float16 cache is held widened. */
    private static final long WINDOW = CacheBudget.SMALL;

    private final Scope scope;
    private final CacheOptions options;
    private final Map<String, Slot> slots = new LinkedHashMap<>();
    /** Those that hold native memory, the least recently used first. */
    private final Set<Slot> resident = new LinkedHashSet<>();

    private Optional<SpillFile> file = Optional.empty();
    private OptionalLong limit;
    private long held;

    /** An empty one, which owns the scope. */
    Store(Scope scope, CacheOptions options) {
        this.scope = scope;
        this.options = options;
        this.limit = options.budget().limit();
    }

    CacheOptions options() {
        return options;
    }

    Scope scope() {
        return scope;
    }

    /** Keeps a handle to another owner's tensor, in place of an earlier one of that name. */
    synchronized void put(String name, NDArray activation) {
        NDArray mine = scope.adopt(activation.stopGradient());
        put(Slot.of(name, options.type() == StoredType.F16 ? Half.of(mine, scope) : mine));
    }

    /** Keeps one, in place of an earlier one of that name. */
    synchronized void put(Slot slot) {
        find(slot.name()).ifPresent(this::free);
        slots.put(slot.name(), slot);
        entered(slot);
        shrink(Optional.empty());
    }

    /** Forgets one, and frees it. */
    synchronized void remove(String name) {
        Optional.ofNullable(slots.remove(name)).ifPresent(this::free);
    }

    /** In native memory as it is given out, which it stays at least until the next is asked for. */
    synchronized NDArray get(String name) {
        Slot slot = slot(name);
        left(slot);
        NDArray tensor = slot.given(scope);
        entered(slot);
        shrink(Optional.of(slot));
        return tensor;
    }

    /** A copy as it is given out, owned by another scope. */
    synchronized NDArray givenCopy(String name, Scope owner) {
        return slot(name).givenCopy(owner);
    }

    /** A copy in the type it is stored in, owned by another scope. */
    synchronized NDArray storedCopy(String name, Scope owner) {
        return slot(name).copy(owner);
    }

    synchronized Optional<Slot> find(String name) {
        return Optional.ofNullable(slots.get(name));
    }

    synchronized Slot slot(String name) {
        return find(name).orElseThrow();
    }

    synchronized List<String> names() {
        return List.copyOf(slots.keySet());
    }

    synchronized int size() {
        return slots.size();
    }

    /** Native memory held now. */
    synchronized long held() {
        return held;
    }

    /** Bytes in the temporary file; 0 if there is none. */
    synchronized long spilled() {
        return file.map(SpillFile::bytes).orElse(0L);
    }

    /** Makes float16 of what lies in native memory as float32. */
    synchronized void narrow() {
        for (Slot slot : List.copyOf(slots.values())) {
            slot.onlyForm()
                    .map(it -> Half.of(scope.adopt(it.stopGradient()), scope))
                    .ifPresent(it -> put(Slot.of(slot.name(), it)));
        }
    }

    /** Counts a slot's memory in, as used last. */
    private void entered(Slot slot) {
        if (slot.held() > 0) {
            held += slot.held();
            resident.add(slot);
        }
    }

    /** Counts a slot's memory out. */
    private void left(Slot slot) {
        if (resident.remove(slot)) {
            held -= slot.held();
        }
    }

    private void free(Slot slot) {
        left(slot);
        slot.close();
    }

    /** Gives up native memory until the budget holds, from the least recently used on, except of one that is in use. */
    private void shrink(Optional<Slot> inUse) {
        List<Slot> oldest = new ArrayList<>();
        boolean newlyWidened = inUse.filter(Slot::isWidened).isPresent();
        if (newlyWidened || held > limit()) {
            oldest.addAll(resident);
            inUse.ifPresent(oldest::remove);
        }
        long widened = oldest.stream().mapToLong(Slot::widened).sum();
        for (Slot slot : oldest) {
            if (widened > WINDOW && slot.isWidened()) {
                widened -= slot.widened();
                held -= slot.widened();
                slot.dropWidened();
            }
        }
        for (Slot slot : oldest) {
            if (held <= limit()) {
                return;
            }
            left(slot);
            slot.spill(this::file);
        }
    }

    /** Asks the machine once, when the cache is no longer small. */
    private long limit() {
        if (limit.isEmpty() && held > CacheBudget.SMALL) {
            limit = OptionalLong.of(options.budget().bytes());
        }
        return limit.orElse(Long.MAX_VALUE);
    }

    private SpillFile file() {
        if (file.isEmpty()) {
            SpillFile opened = SpillFile.in(options.budget().place());
            scope.hold(opened);
            file = Optional.of(opened);
        }
        return file.get();
    }

    @Override
    public synchronized void close() {
        slots.clear();
        resident.clear();
        held = 0;
        scope.close();
        file = Optional.empty();
    }
}
