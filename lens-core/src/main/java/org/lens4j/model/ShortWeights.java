package org.lens4j.model;

import ai.djl.ndarray.NDArray;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.weights.Parameters;
import org.lens4j.weights.SideBySide;

/**
 * The weights a decoder multiplies with, cast to bfloat16 once. DJL does not know the type: these tensors go to {@link Kernels}
 * and nowhere else.
 */
final class ShortWeights {
    /** The router of a mixture is left out: which expert is taken hangs on small differences. */
    private static final Pattern MULTIPLIED = Pattern.compile("blocks\\.\\d+\\.(attn\\._?W_[QKVO]|mlp\\.W_(in|out|gate)"
            + "|mlp\\.experts\\.\\d+\\.W_(in|out|gate)\\.weight)|unembed\\.W_U");

    private static final Pattern BIASES = Pattern.compile("blocks\\.\\d+\\.attn\\._?b_[QKV]");

    private ShortWeights() {}

    /**
     * Parameters with short weights in place of some; the rest is shared.
     *
     * @param scope owns the short ones
     */
    static Parameters of(Parameters parameters, Scope scope) {
        Map<String, NDArray> instead = new LinkedHashMap<>();
        NDArray owner = scope.scalar(0f);
        for (String name : parameters.names()) {
            if (MULTIPLIED.matcher(name).matches()) {
                instead.put(name, Kernels.call("shorten", owner, parameters.get(name)));
            } else if (BIASES.matcher(name).matches()) {
                instead.put(name, scope.copy(parameters.get(name)));
            }
        }
        SideBySide.lay(instead, scope);
        return parameters.with(instead, scope);
    }
}
