package org.lens4j.weights;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The Python names a state dict may refer to. There is no way from any other name to code. */
final class PickleGlobals {
    private static final Map<String, Pickled> KNOWN = known();

    private PickleGlobals() {}

    /** What a name stands for, if a state dict needs it. */
    static Optional<Pickled> find(String name) {
        return Optional.ofNullable(KNOWN.get(name));
    }

    private static Map<String, Pickled> known() {
        Map<String, Pickled> known = new LinkedHashMap<>();
        known.put("collections.OrderedDict", Pickled.Function.ORDERED_DICT);
        known.put("torch._utils._rebuild_tensor", Pickled.Function.REBUILD_TENSOR);
        known.put("torch._utils._rebuild_tensor_v2", Pickled.Function.REBUILD_TENSOR);
        known.put("torch._utils._rebuild_parameter", Pickled.Function.REBUILD_PARAMETER);
        known.put("torch.Size", Pickled.Function.SIZE);
        known.put("torch.device", Pickled.Function.DEVICE);
        storage(known, "Double", StoredType.F64);
        storage(known, "Float", StoredType.F32);
        storage(known, "Half", StoredType.F16);
        storage(known, "BFloat16", StoredType.BF16);
        storage(known, "Long", StoredType.I64);
        storage(known, "Int", StoredType.I32);
        storage(known, "Short", StoredType.I16);
        storage(known, "Char", StoredType.I8);
        storage(known, "Byte", StoredType.U8);
        storage(known, "Bool", StoredType.BOOL);
        // The type of a model may stand in its config.
        for (String type : new String[] {
            "float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"
        }) {
            known.put("torch." + type, new Pickled.Leaf(new SavedValue.Text("torch." + type)));
        }
        return Map.copyOf(known);
    }

    private static void storage(Map<String, Pickled> known, String name, StoredType type) {
        known.put("torch." + name + "Storage", new Pickled.StorageType(type));
    }
}
