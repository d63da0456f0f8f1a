package org.lens4j.analysis.logits;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.cache.ActivationCache;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.TokenLabels;
import org.lens4j.text.Tokens;

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

    /** How many candidates a lens keeps for each place unless told otherwise. */
    public static final int DEFAULT_TOP = 5;

    /**
     * Runs the model and reads its residual stream before every block and after the last. {@link LensReading} shows more of it.
     *
     * @param tokens the first sequence counts
     * @param count how many candidates to keep for each place, 1 to the size of the vocabulary
     * @throws org.lens4j.error.RangeException if {@code count} is outside that
     */
    public static LogitLens of(HookedTransformer model, Tokens tokens, int count) {
        List<ResidualPoint> points = ResidualPoint.beforeBlocks(model.config());
        String[] names = points.stream().map(it -> it.name().full()).toArray(String[]::new);
        List<List<List<Prediction>>> top = new ArrayList<>();
        try (ActivationCache cache = model.cache(tokens, names)) {
            for (String name : names) {
                try (NDArray logits = model.unembed(cache.get(name))) {
                    top.add(TopTokens.of(model, logits, count));
                }
            }
        }
        List<String> labels = points.stream().map(ResidualPoint::label).toList();
        return of(labels, TokenLabels.labels(tokens.strings(0)), top);
    }

    static LogitLens of(List<String> components, List<String> positions, List<List<List<Prediction>>> top) {
        return new LogitLens(probability(components, positions, top), top);
    }

    private static Grid probability(List<String> components, List<String> positions, List<List<List<Prediction>>> top) {
        float[] values = new float[components.size() * positions.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = top.get(i / positions.size())
                    .get(i % positions.size())
                    .get(0)
                    .probability();
        }
        List<Axis> axes = List.of(new Axis("component", components), new Axis("pos", positions));
        return new Grid("Logit lens: probability of the likeliest next token", "probability", axes, values);
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
