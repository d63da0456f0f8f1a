package org.lens4j.viz;

import java.util.List;
import org.lens4j.analysis.Grid;

/**
 * The attention of one layer as lines: the tokens that look on the left, those that are looked at on the right, a line
 * between them as strong as the probability, and a colour for each head. After BertViz's head view (Vig, 2019).
 *
 * <pre>{@code
 * Grid pattern = lens.attention(prompt, 1);        // [head query_pos key_pos]
 * Rendering shown = AttentionLinesView.of(pattern, List.of(0, 3));
 * }</pre>
 *
 * A strong line says where a head looked, not that it mattered: attention is not explanation.
 */
public final class AttentionLinesView {
    private AttentionLinesView() {}

    /**
     * All heads.
     *
     * @param pattern attention probabilities, {@code [head query_pos key_pos]}
     * @throws org.lens4j.error.ShapeException if the axes are others
     */
    public static Rendering of(Grid pattern) {
        return AttentionView.of(pattern);
    }

    /**
     * Chosen heads.
     *
     * @param pattern attention probabilities, {@code [head query_pos key_pos]}
     * @param heads indices on the head axis
     * @throws org.lens4j.error.ShapeException if the axes are others
     * @throws org.lens4j.error.RangeException if there is no such head, or none is asked for
     */
    public static Rendering of(Grid pattern, List<Integer> heads) {
        return AttentionView.of(pattern, heads);
    }
}
