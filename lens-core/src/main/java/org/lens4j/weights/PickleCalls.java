package org.lens4j.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.lens4j.error.CheckpointException;

/** What the known functions make of their arguments: data. */
final class PickleCalls {
    private static final int MOST_AXES = 64;

    private final PickleFault fault;

    PickleCalls(PickleFault fault) {
        this.fault = fault;
    }

    Pickled call(Pickled function, Pickled arguments) {
        if (!(function instanceof Pickled.Function known) || !(arguments instanceof Pickled.Items tuple)) {
            throw fault.damaged("it calls what is no function");
        }
        List<Pickled> values = tuple.values();
        return switch (known) {
            case ORDERED_DICT -> {
                arity(values, 0, 0, "collections.OrderedDict");
                yield new Pickled.Table(new LinkedHashMap<>());
            }
            case REBUILD_TENSOR -> tensor(values);
            case REBUILD_PARAMETER -> {
                arity(values, 1, 3, "torch._utils._rebuild_parameter");
                if (values.get(0) instanceof Pickled.Tensor tensor) {
                    yield tensor;
                }
                throw fault.damaged("it makes a parameter of what is no tensor");
            }
            case SIZE -> {
                arity(values, 1, 1, "torch.Size");
                yield new Pickled.Items(items(values.get(0)), false);
            }
            case DEVICE -> {
                arity(values, 1, 2, "torch.device");
                yield new Pickled.Leaf(new SavedValue.Text(text(values.get(0))));
            }
        };
    }

    /** The storage that a persistent id names: {@code ('storage', type, key, location, count)}. */
    Pickled storage(Pickled id) {
        List<Pickled> values = items(id);
        if (values.size() != 5
                || !text(values.get(0)).equals("storage")
                || !(values.get(1) instanceof Pickled.StorageType type)) {
            throw fault.damaged("it refers to a storage in an unknown way");
        }
        // The place it was on (cpu, cuda:0) does not matter here, but it is a text.
        text(values.get(3));
        long count = whole(values.get(4));
        if (count < 0) {
            throw fault.damaged("a storage claims %d numbers".formatted(count));
        }
        return new Pickled.Storage(type.type(), text(values.get(2)), count);
    }

    private Pickled tensor(List<Pickled> values) {
        arity(values, 4, 7, "torch._utils._rebuild_tensor_v2");
        if (!(values.get(0) instanceof Pickled.Storage storage)) {
            throw fault.damaged("a tensor has no storage");
        }
        long offset = whole(values.get(1));
        List<Long> shape = wholes(values.get(2));
        List<Long> strides = wholes(values.get(3));
        if (shape.size() != strides.size()) {
            throw fault.damaged("a tensor has %d sizes and %d strides".formatted(shape.size(), strides.size()));
        }
        Pickled.Tensor tensor = new Pickled.Tensor(storage, offset, shape, strides);
        checkInside(tensor);
        return tensor;
    }

    /** Every number it points at must be one of the storage's. */
    private void checkInside(Pickled.Tensor tensor) {
        String what = "a tensor of shape %s, strides %s and offset %d"
                .formatted(tensor.shape(), tensor.strides(), tensor.offset());
        if (tensor.offset() < 0
                || tensor.shape().stream().anyMatch(it -> it < 0)
                || tensor.strides().stream().anyMatch(it -> it < 0)) {
            throw fault.damaged("it has " + what);
        }
        try {
            long bytes = new TensorEntry("", tensor.storage().type(), tensor.shape()).bytes();
            long end = tensor.offset();
            for (int axis = 0; axis < tensor.shape().size() && bytes > 0; axis++) {
                long last = tensor.shape().get(axis) - 1;
                end = Math.addExact(
                        end, Math.multiplyExact(last, tensor.strides().get(axis)));
            }
            if (bytes > 0 && end >= tensor.storage().count()) {
                throw fault.damaged("%s points outside the %d numbers of its storage"
                        .formatted(what, tensor.storage().count()));
            }
        } catch (ArithmeticException e) {
            CheckpointException impossible = fault.damaged("it has " + what);
            impossible.initCause(e);
            throw impossible;
        }
    }

    private void arity(List<Pickled> values, int least, int most, String function) {
        if (values.size() < least || values.size() > most) {
            throw fault.damaged("it gives %s %d arguments".formatted(function, values.size()));
        }
    }

    private List<Long> wholes(Pickled value) {
        List<Pickled> items = items(value);
        if (items.size() > MOST_AXES) {
            throw fault.damaged("a tensor has %d axes".formatted(items.size()));
        }
        List<Long> wholes = new ArrayList<>();
        for (Pickled item : items) {
            wholes.add(whole(item));
        }
        return wholes;
    }

    private long whole(Pickled value) {
        if (value instanceof Pickled.Leaf leaf && leaf.value() instanceof SavedValue.Whole whole) {
            return whole.value();
        }
        throw fault.damaged("it has something else where an integer belongs");
    }

    private String text(Pickled value) {
        if (value instanceof Pickled.Leaf leaf && leaf.value() instanceof SavedValue.Text text) {
            return text.value();
        }
        throw fault.damaged("it has something else where a text belongs");
    }

    private List<Pickled> items(Pickled value) {
        if (value instanceof Pickled.Items items) {
            return items.values();
        }
        throw fault.damaged("it has something else where a tuple belongs");
    }
}
