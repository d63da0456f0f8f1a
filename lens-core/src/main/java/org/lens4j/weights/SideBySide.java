package org.lens4j.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.List;
import java.util.Map;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/**
 * Lays the three maps into the heads of each attention layer side by side in memory, so that a pass multiplies once where it
 * would three times. Names, shapes and numbers stay.
 */
public final class SideBySide {
    private static final String QUERIES = "_Q";

    private SideBySide() {}

    /**
     * Puts views of joint memory in place of the parameters.
     *
     * @param parameters by name, each in memory of its own, which is freed
     * @param scope owns them
     */
    public static void lay(Map<String, NDArray> parameters, Scope scope) {
        for (String queries : List.copyOf(parameters.keySet())) {
            if (queries.endsWith("attn.W" + QUERIES) || queries.endsWith("attn.b" + QUERIES)) {
                lay(queries, parameters, scope);
            }
        }
    }

    private static void lay(String queries, Map<String, NDArray> parameters, Scope scope) {
        List<String> names = List.of(queries, other(queries, "K", parameters), other(queries, "V", parameters));
        NDArray[] apart = names.stream().map(parameters::get).toArray(NDArray[]::new);
        try (Scope inside = new Scope(scope)) {
            NDArray joint = inside.adopt(Kernels.call("write_jointly", apart));
            NDList parts = Kernels.callForList("joint_parts", joint, apart[0], apart[1]);
            for (int i = 0; i < apart.length; i++) {
                parameters.put(names.get(i), inside.keep(parts.get(i)));
                apart[i].close();
            }
        }
    }

    /** Where heads share keys and values their names begin with an underscore. */
    private static String other(String queries, String which, Map<String, NDArray> parameters) {
        String plain = queries.substring(0, queries.length() - 1) + which;
        int name = plain.lastIndexOf('.') + 1;
        String grouped = plain.substring(0, name) + "_" + plain.substring(name);
        return parameters.containsKey(plain) ? plain : grouped;
    }
}
