package org.lens4j.analysis.logits;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.cache.ActivationCache;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * How far a lens is from the model's own next-token distribution at every place, on average over many tokens: what one lens is
 * better than another in.
 */
public final class MeanDivergence {
    private MeanDivergence() {}

    /**
     * Runs the model once over all sequences.
     *
     * @param tokens padding does not count
     * @param options whether to read middles, and through what
     * @return the mean of {@code KL(final || here)} in nats, {@code [component]}; 0 at {@code final_post}
     */
    public static Grid of(HookedTransformer model, Tokens tokens, LensOptions options) {
        List<ResidualPoint> points = options.points(model.config());
        String[] names = points.stream().map(it -> it.name().full()).toArray(String[]::new);
        float[] means = new float[names.length];
        try (ActivationCache cache = model.cache(tokens, names);
                Scope outer = Scope.root()) {
            NDArray last = Kernels.call("log_softmax", model.unembed(outer.alias(cache.get(names[names.length - 1]))));
            NDArray shares = last.exp();
            for (int component = 0; component < names.length; component++) {
                try (Scope inside = new Scope(outer)) {
                    NDArray residual = inside.alias(cache.get(names[component]));
                    NDArray read = options.translated(points.get(component), residual, inside);
                    NDArray logProbs = Kernels.call("log_softmax", model.unembed(read));
                    float[] kl = logProbs.sub(last)
                            .mul(shares)
                            .sum(new int[] {-1})
                            .neg()
                            .toFloatArray();
                    means[component] = mean(kl, tokens);
                }
            }
        }
        List<String> labels = points.stream().map(ResidualPoint::label).toList();
        return new Grid(
                "Mean divergence from the final distribution", "nats", List.of(new Axis("component", labels)), means);
    }

    private static float mean(float[] each, Tokens tokens) {
        double sum = 0;
        int count = 0;
        for (int i = 0; i < each.length; i++) {
            if (tokens.isAttended(i / tokens.pos(), i % tokens.pos())) {
                sum += each[i];
                count++;
            }
        }
        return (float) (sum / count);
    }
}
