package org.lens4j.analysis.logits;

import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;

/**
 * The logit lens (nostalgebraist, 2020): the residual stream after every layer, read through the final layer norm and
 * the unembedding, as if the model stopped there.
 *
 * @param probability of the likeliest token, {@code [component pos]}; components are labelled as TransformerLens's
 *     {@code accumulated_resid} labels them: {@code 0_pre}, {@code 1_pre}, …, {@code final_post}
 * @param top for each component and position the likeliest tokens, likeliest first
 */
public record LogitLens(Grid probability, List<List<List<Prediction>>> top) {
    /** Copies the lists. */
    public LogitLens {
        top = top.stream()
                .map(row -> row.stream().<List<Prediction>>map(List::copyOf).toList())
                .toList();
    }

    /** The points of the residual stream that were read, first to last. */
    public Axis components() {
        return probability.axis("component");
    }

    /** The prompt's positions, labelled with their tokens. */
    public Axis positions() {
        return probability.axis("pos");
    }
}
