package org.lens4j.weights;

import java.util.List;
import java.util.Map;

/**
 * What lies on the stack of {@link Unpickler}. Lists and dictionaries grow while the pickle is read, and may contain
 * themselves, so nothing here is ever hashed, compared or printed.
 */
sealed interface Pickled {
    /** A finished value that contains no other. */
    record Leaf(SavedValue value) implements Pickled {}

    /**
     * A list, or a tuple.
     *
     * @param grows whether it is a list
     */
    record Items(List<Pickled> values, boolean grows) implements Pickled {}

    /** A dictionary. */
    record Table(Map<String, Pickled> values) implements Pickled {}

    /** The few functions a state dict calls; what they do is written here, and nothing is looked up. */
    enum Function implements Pickled {
        /** {@code collections.OrderedDict} without arguments. */
        ORDERED_DICT,
        /** {@code torch._utils._rebuild_tensor_v2}, and its predecessor without the last arguments. */
        REBUILD_TENSOR,
        /** {@code torch._utils._rebuild_parameter}. */
        REBUILD_PARAMETER,
        /** {@code torch.Size} of a tuple. */
        SIZE,
        /** {@code torch.device} of a text. */
        DEVICE
    }

    /** The name of a type of numbers, such as {@code torch.FloatStorage}. */
    record StorageType(StoredType type) implements Pickled {}

    /**
     * Numbers in another entry of the zip file.
     *
     * @param key names the entry
     * @param count how many numbers it claims
     */
    record Storage(StoredType type, String key, long count) implements Pickled {}

    /**
     * A tensor as a view of a storage.
     *
     * @param offset of its first number in the storage
     * @param shape sizes, outermost first
     * @param strides for each axis, how many numbers further the next one lies
     */
    record Tensor(Storage storage, long offset, List<Long> shape, List<Long> strides) implements Pickled {
        /** Copies the lists. */
        public Tensor {
            shape = List.copyOf(shape);
            strides = List.copyOf(strides);
        }
    }
}
