package org.lens4j.analysis.residual;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.ShapeException;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.TokenLabels;
import org.lens4j.text.Tokens;

/**
 * Components of a residual stream as one tensor with labels, for those who go on computing; {@link #grid} is for those who
 * look. Owns native memory: closing it frees the tensor.
 *
 * <pre>{@code
 * try (ResidualStack heads = stream.heads(StackOptions.defaults())) {
 *     NDArray parts = heads.tensor();               // [component batch pos d_model]
 *     int named = heads.indexOf("L9H6");
 * }
 * }</pre>
 */
public final class ResidualStack implements AutoCloseable {
    private final Scope scope;
    private final NDArray tensor;
    private final Axis components;
    private final Tokens tokens;
    private final StackOptions options;

    ResidualStack(Scope scope, NDArray tensor, Axis components, Tokens tokens, StackOptions options) {
        this.scope = scope;
        this.tensor = tensor;
        this.components = components;
        this.tokens = tokens;
        this.options = options;
    }

    /**
     * The components.
     *
     * @return {@code [component batch pos d_model]}, owned by this stack; a single position keeps its axis
     */
    public NDArray tensor() {
        return tensor;
    }

    /** One label for each component, as TransformerLens writes them: {@code 3_attn_out}, {@code L3H1}, {@code L3N17}. */
    public List<String> labels() {
        return components.labels();
    }

    /** How many components there are. */
    public int size() {
        return components.size();
    }

    /**
     * Where a component stands.
     *
     * @throws org.lens4j.error.UnknownNameException if there is none of that label; names the closest
     */
    public int indexOf(String label) {
        int at = components.labels().indexOf(label);
        if (at < 0) {
            throw org.lens4j.error.UnknownNameException.of(
                    "component", label, "this stack", components.labels(), "labels() lists them.");
        }
        return at;
    }

    /**
     * The sum of all components.
     *
     * @param owner owns the result
     * @return {@code [batch pos d_model]}
     */
    public NDArray sum(Scope owner) {
        return owner.adopt(tensor.sum(new int[] {0}));
    }

    /** How long each component is, {@code [component batch pos]}, in units of the residual stream. */
    public Grid norms() {
        try (Scope inside = new Scope(scope)) {
            NDArray squares = inside.adopt(Kernels.call("mean_square", inside.alias(tensor)));
            float[] values = squares.toFloatArray();
            double width = tensor.getShape().get(3);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) Math.sqrt(values[i] * width);
            }
            return new Grid("Length of each component", "length", axes(components, tokens, options), values);
        }
    }

    /**
     * The components as a grid {@code [component batch pos d_model]} on the heap.
     *
     * @throws ShapeException if that is more numbers than a Java array holds
     */
    public Grid grid() {
        if (tensor.size() > Integer.MAX_VALUE - 8) {
            throw new ShapeException("%d numbers are more than a grid holds. Take fewer positions or components."
                    .formatted(tensor.size()));
        }
        List<Axis> axes = new ArrayList<>(axes(components, tokens, options));
        axes.add(Axis.counted("d_model", Math.toIntExact(tensor.getShape().get(3))));
        return new Grid("Components of the residual stream", "activation", axes, tensor.toFloatArray());
    }

    Tokens tokens() {
        return tokens;
    }

    StackOptions options() {
        return options;
    }

    /** The axes {@code component batch pos}; positions carry their tokens where there is one sequence. */
    static List<Axis> axes(Axis components, Tokens tokens, StackOptions options) {
        int[] taken = options.positions().indices("pos", tokens.pos());
        List<String> all = tokens.batch() == 1
                ? TokenLabels.labels(tokens.strings(0))
                : Axis.counted("pos", tokens.pos()).labels();
        List<String> labels = java.util.Arrays.stream(taken).mapToObj(all::get).toList();
        return List.of(components, Axis.counted("batch", tokens.batch()), new Axis("pos", labels));
    }

    @Override
    public void close() {
        scope.close();
    }

    @Override
    public String toString() {
        return "ResidualStack [component=%d batch=%d pos=%d d_model=%d]"
                .formatted(
                        size(),
                        tensor.getShape().get(1),
                        tensor.getShape().get(2),
                        tensor.getShape().get(3));
    }
}
