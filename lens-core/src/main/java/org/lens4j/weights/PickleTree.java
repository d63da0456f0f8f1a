package org.lens4j.weights;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Turns what a pickle left behind into values that cannot change, contain themselves or blow up when walked. */
final class PickleTree {
    private static final int DEEPEST = 64;

    /** Values counted as often as they are referred to: lists of lists that share their parts double at each level. */
    private static final long MOST_VALUES = 2_000_000;

    private record Sized(SavedValue value, long count) {}

    private final PickleFault fault;
    private final IdentityHashMap<Pickled, Sized> done = new IdentityHashMap<>();

    private PickleTree(PickleFault fault) {
        this.fault = fault;
    }

    static SavedValue of(Pickled root, PickleFault fault) {
        return new PickleTree(fault).value(root, 0).value();
    }

    private Sized value(Pickled pickled, int depth) {
        if (depth > DEEPEST) {
            throw fault.damaged("its values are nested deeper than %d".formatted(DEEPEST));
        }
        Optional<Sized> known = Optional.ofNullable(done.get(pickled));
        if (known.isPresent()) {
            return known.get();
        }
        Sized made = made(pickled, depth);
        if (made.count() > MOST_VALUES) {
            throw fault.damaged("it has more than %d values".formatted(MOST_VALUES));
        }
        done.put(pickled, made);
        return made;
    }

    /** A value that contains itself ends at the depth limit. */
    private Sized made(Pickled pickled, int depth) {
        if (pickled instanceof Pickled.Leaf leaf) {
            return new Sized(leaf.value(), 1);
        }
        if (pickled instanceof Pickled.Tensor tensor) {
            return new Sized(new SavedValue.Tensor(tensor.storage().type(), tensor.shape()), 1);
        }
        long count = 1;
        if (pickled instanceof Pickled.Items items) {
            List<SavedValue> values = new ArrayList<>();
            for (Pickled item : items.values()) {
                Sized sized = value(item, depth + 1);
                values.add(sized.value());
                count += sized.count();
            }
            return new Sized(new SavedValue.Sequence(values), count);
        }
        if (pickled instanceof Pickled.Table table) {
            Map<String, SavedValue> values = new LinkedHashMap<>();
            for (Map.Entry<String, Pickled> entry : table.values().entrySet()) {
                Sized sized = value(entry.getValue(), depth + 1);
                values.put(entry.getKey(), sized.value());
                count += sized.count();
            }
            return new Sized(new SavedValue.Mapping(values), count);
        }
        throw fault.damaged("it keeps a function or a bare storage as a value");
    }
}
