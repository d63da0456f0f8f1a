package org.lens4j.analysis.circuits;

import java.util.ArrayList;
import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/**
 * How much of what a head writes a later head reads, from the weights alone (Elhage et al., 2021): the norm of the product of
 * the two heads' matrices beside the product of their norms. TransformerLens: {@code all_composition_scores}.
 *
 * <pre>{@code
 * Grid scores = CompositionScores.all(model, CompositionScores.Through.K);   // [writer reader]
 * }</pre>
 */
public final class CompositionScores {
    private CompositionScores() {}

    /** What of the later head reads. */
    public enum Through {
        /** Its queries. */
        Q,
        /** Its keys, as an induction head's read what a previous-token head wrote. */
        K,
        /** Its values. */
        V
    }

    /**
     * Every pair of heads.
     *
     * @return {@code [writer reader]}, from 0 to 1, 0 unless the writer's layer comes first; heads are labelled {@code L0H1},
     *     layer by layer
     */
    public static Grid all(HookedTransformer model, Through through) {
        int nLayers = model.config().nLayers();
        int nHeads = model.config().nHeads();
        int width = nLayers * nHeads;
        float[] scores = new float[width * width];
        for (int writer = 0; writer < nLayers; writer++) {
            for (int reader = writer + 1; reader < nLayers; reader++) {
                float[] pairs = pairs(model, through, writer, reader);
                for (int i = 0; i < pairs.length; i++) {
                    int row = writer * nHeads + i / nHeads;
                    scores[row * width + reader * nHeads + i % nHeads] = pairs[i];
                }
            }
        }
        List<String> heads = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            heads.add("L%dH%d".formatted(i / nHeads, i % nHeads));
        }
        return new Grid(
                through + "-composition",
                "score",
                List.of(new Axis("writer", heads), new Axis("reader", heads)),
                scores);
    }

    /** {@code [writer_head reader_head]} of two layers, row-major. */
    private static float[] pairs(HookedTransformer model, Through through, int writer, int reader) {
        try (Scope scope = Scope.root()) {
            FactoredMatrix left = HeadMatrices.ov(model, writer, scope);
            FactoredMatrix right =
                    switch (through) {
                        case Q -> HeadMatrices.qk(model, reader, scope);
                        case K -> HeadMatrices.qk(model, reader, scope).transpose();
                        case V -> HeadMatrices.ov(model, reader, scope);
                    };
            return Autograd.recording(false, () -> Kernels.call("composition", left.a(), left.b(), right.a(), right.b())
                    .toFloatArray());
        }
    }
}
