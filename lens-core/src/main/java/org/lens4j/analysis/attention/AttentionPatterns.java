package org.lens4j.analysis.attention;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.RangeException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.model.HookedModel;
import org.lens4j.text.TokenLabels;
import org.lens4j.text.Tokens;

/** The attention pattern of one layer as a grid. */
public final class AttentionPatterns {
    private AttentionPatterns() {}

    /**
     * Runs the model as far as the layer and reads its pattern.
     *
     * @param layer from 0
     * @return probabilities {@code [head query_pos key_pos]} of the first sequence; each row sums to 1; {@code NaN} for keys
     *     after the query where the model sees only what is before
     * @throws RangeException if the model has no such layer
     */
    public static Grid of(HookedModel model, Tokens tokens, int layer) {
        RangeException.index("layer", layer, model.config().nLayers(), model.name());
        try (ActivationCache cache = model.cache(tokens, new HookName(HookPoint.PATTERN, layer).full())) {
            return of(cache, layer);
        }
    }

    /**
     * Reads the pattern of a layer from a cache.
     *
     * @param layer from 0
     * @return as {@link #of(HookedModel, Tokens, int)}
     * @throws org.lens4j.error.UnknownNameException if the cache does not hold it
     */
    public static Grid of(ActivationCache cache, int layer) {
        NDArray pattern = cache.get(new HookName(HookPoint.PATTERN, layer).full());
        int heads = Math.toIntExact(pattern.getShape().get(1));
        int pos = Math.toIntExact(pattern.getShape().get(2));
        float[] values = Arrays.copyOf(pattern.toFloatArray(), heads * pos * pos);
        if (isCausal(values, pos)) {
            for (int i = 0; i < values.length; i++) {
                values[i] = isAhead(i, pos) ? Float.NaN : values[i];
            }
        }
        List<String> labels = TokenLabels.labels(cache.tokens().strings(0));
        return new Grid(
                "Attention pattern, layer " + layer,
                "probability",
                List.of(headAxis(layer, heads), new Axis("query_pos", labels), new Axis("key_pos", labels)),
                values);
    }

    /** Whether no query sees a key behind it. */
    private static boolean isCausal(float[] values, int pos) {
        return IntStream.range(0, values.length).allMatch(i -> values[i] == 0 || !isAhead(i, pos));
    }

    /** Whether the key of an entry stands behind its query. */
    private static boolean isAhead(int index, int pos) {
        return index % pos > index / pos % pos;
    }

    private static Axis headAxis(int layer, int heads) {
        return new Axis(
                "head",
                IntStream.range(0, heads)
                        .mapToObj(head -> "L%dH%d".formatted(layer, head))
                        .toList());
    }
}
