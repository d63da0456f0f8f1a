package org.lens4j.cache;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.lens4j.error.ShapeException;
import org.lens4j.hook.ShortName;
import org.lens4j.tensor.Axes;
import org.lens4j.tensor.Slice;
import org.lens4j.text.Tokens;

/** Activations in Java memory, by hook name, in firing order; nothing to close. */
public final class HeapCache {
    private final Map<String, Activation> activations;
    private final Names meaning;
    private final Optional<Tokens> tokens;

    HeapCache(Map<String, Activation> activations, Names meaning, Optional<Tokens> tokens) {
        this.activations = Collections.unmodifiableMap(new LinkedHashMap<>(activations));
        this.meaning = meaning;
        this.tokens = tokens;
    }

    /**
     * One activation.
     *
     * @param axes names of its axes; empty if they are not known
     * @param shape sizes, outermost first
     * @param values row-major; not copied
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of bulk, never compared
    public record Activation(Optional<Axes> axes, List<Long> shape, float[] values) {
        /** Copies the shape. */
        public Activation {
            shape = List.copyOf(shape);
        }

        static Activation of(NDArray tensor, Optional<Axes> axes) {
            List<Long> shape = java.util.stream.LongStream.of(tensor.getShape().getShape())
                    .boxed()
                    .toList();
            if (tensor.getDataType() == DataType.FLOAT32) {
                return new Activation(axes, shape, tensor.toFloatArray());
            }
            long[] ids = tensor.toLongArray();
            float[] values = new float[ids.length];
            for (int i = 0; i < ids.length; i++) {
                values[i] = ids[i];
            }
            return new Activation(axes, shape, values);
        }

        /**
         * One number.
         *
         * @param index one for each axis; negative ones count from the end
         */
        public float at(int... index) {
            if (index.length != shape.size()) {
                throw new ShapeException("%d indices are given for an activation of shape %s. Give one for each axis."
                        .formatted(index.length, shape));
            }
            int place = 0;
            for (int i = 0; i < index.length; i++) {
                String axis = axes.isPresent() ? axes.get().names().get(i) : Integer.toString(i);
                place = Math.toIntExact(place * shape.get(i))
                        + Slice.at(index[i]).indices(axis, shape.get(i))[0];
            }
            return values[place];
        }
    }

    /**
     * The activation of that name.
     *
     * @param name full or short, as for {@link ActivationCache#get(String)}
     * @throws org.lens4j.error.UnknownNameException if there is none; names the closest
     */
    public Activation get(String name) {
        return get(ShortName.of(name));
    }

    /** {@link #get(String)} of a layer; negative ones count from the model's last. */
    public Activation get(String name, int layer) {
        return get(ShortName.of(name, layer));
    }

    private Activation get(ShortName asked) {
        return Optional.ofNullable(activations.get(asked.toString()))
                .orElseGet(() -> Objects.requireNonNull(activations.get(meaning.full(asked, activations.keySet()))));
    }

    /** The names, in firing order. */
    public List<String> names() {
        return List.copyOf(activations.keySet());
    }

    /** All of them by full name, in firing order. */
    public Map<String, Activation> activations() {
        return activations;
    }

    /** What was fed; empty if it came from a file without tokens. */
    public Optional<Tokens> tokens() {
        return tokens;
    }
}
