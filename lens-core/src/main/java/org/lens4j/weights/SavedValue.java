package org.lens4j.weights;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A value of a {@code torch.save} file: data only, in the shapes Python had. */
public sealed interface SavedValue {
    /** Text. Python objects that are only names ({@code torch.float16}, a device) are given as their text. */
    record Text(String value) implements SavedValue {}

    /** An integer. */
    record Whole(long value) implements SavedValue {}

    /** A floating-point number. */
    record Real(double value) implements SavedValue {}

    /** A truth value. */
    record Truth(boolean value) implements SavedValue {}

    /** Python's {@code None}. */
    record None() implements SavedValue {}

    /** A list or a tuple. */
    record Sequence(List<SavedValue> values) implements SavedValue {
        /** Copies the list. */
        public Sequence {
            values = List.copyOf(values);
        }
    }

    /**
     * A dictionary in its order. Keys that are no text are given as Python prints them ({@code 0}, {@code True}).
     */
    record Mapping(Map<String, SavedValue> values) implements SavedValue {
        /** Copies the map. */
        public Mapping {
            values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        }

        /** The value under a key. */
        public Optional<SavedValue> at(String key) {
            return Optional.ofNullable(values.get(key));
        }

        /** The dictionary under a key, if there is one. */
        public Optional<Mapping> mapping(String key) {
            return at(key).filter(Mapping.class::isInstance).map(Mapping.class::cast);
        }

        /** The integer under a key, if there is one. */
        public Optional<Long> whole(String key) {
            return at(key).filter(Whole.class::isInstance).map(it -> ((Whole) it).value());
        }

        /** The truth value under a key, if there is one. */
        public Optional<Boolean> truth(String key) {
            return at(key).filter(Truth.class::isInstance).map(it -> ((Truth) it).value());
        }

        /** The text under a key, if there is one. */
        public Optional<String> text(String key) {
            return at(key).filter(Text.class::isInstance).map(it -> ((Text) it).value());
        }

        /** The keys, in order. */
        public List<String> keys() {
            return new ArrayList<>(values.keySet());
        }
    }

    /** A tensor; only its type and shape are given here. */
    record Tensor(StoredType type, List<Long> shape) implements SavedValue {
        /** Copies the shape. */
        public Tensor {
            shape = List.copyOf(shape);
        }
    }
}
