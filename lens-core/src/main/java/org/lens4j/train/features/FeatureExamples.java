package org.lens4j.train.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.RangeException;
import org.lens4j.harvest.HarvestRows;
import org.lens4j.harvest.HarvestRows.Origin;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Scope;

/**
 * The rows of a harvest at which features are strongest, with the tokens before them. Memory is that of the examples.
 *
 * <pre>{@code
 * FeatureExamples examples = FeatureExamples.of(sae, rows, 10, 3, 17);
 * examples.of().get(0).get(0).tokens();       // ids; the last is where feature 3 is strongest
 * }</pre>
 *
 * @param activations {@code [feature example]}, strongest first; {@code NaN} where a feature is on at fewer rows
 * @param of the examples of each feature, in the same order
 */
public record FeatureExamples(Grid activations, List<List<Example>> of) {
    /** Tokens before an example that are shown, itself included. */
    private static final int WINDOW = 12;

    /**
     * One row.
     *
     * @param activation of the feature
     * @param origin where it comes from
     * @param tokens ids of the context up to it, at most {@value #WINDOW}; those that were not harvested are missing
     */
    public record Example(float activation, Origin origin, List<Long> tokens) {
        /** Copies the ids. */
        public Example {
            tokens = List.copyOf(tokens);
        }
    }

    /** Copies the lists. */
    public FeatureExamples {
        of = of.stream().map(List::copyOf).toList();
    }

    /**
     * Reads all rows once.
     *
     * @param count examples of each feature
     * @param features which; at least one
     * @throws RangeException if there is no such feature, or no example is asked for
     */
    public static FeatureExamples of(SparseAutoencoder sae, HarvestRows rows, int count, int... features) {
        if (count < 1 || features.length == 0) {
            throw new RangeException("%d examples of %d features are nothing. Ask for 1 or more of each."
                    .formatted(count, features.length));
        }
        Arrays.stream(features)
                .forEach(it -> RangeException.index("feature", it, sae.dSae(), "The autoencoder of " + sae.hook()));
        SaeQuality.requireWidth(sae, rows);
        Search search = new Search(sae.dSae(), count, features);
        try (Scope scope = Scope.root()) {
            SaeTensors tensors = SaeTensors.of(sae, scope);
            rows.inOrder(batch -> Autograd.recording(false, () -> search.see(batch, tensors)));
        }
        return search.found(sae.hook());
    }

    /** The strongest so far. */
    private static final class Search {
        private final int dSae;
        private final int count;
        private final int[] features;
        private final List<PriorityQueue<Example>> strongest = new ArrayList<>();
        private final Deque<Origin> before = new ArrayDeque<>();

        Search(int dSae, int count, int[] features) {
            this.dSae = dSae;
            this.count = count;
            this.features = features;
            Arrays.stream(features)
                    .forEach(it -> strongest.add(new PriorityQueue<>(Comparator.comparingDouble(Example::activation))));
        }

        boolean see(HarvestRows.Batch batch, SaeTensors tensors) {
            try (Scope scope = Scope.root()) {
                NDArray x = scope.floats(
                        batch.values(), new Shape(batch.count(), tensors.sae().dIn()));
                float[] acts = tensors.acts(tensors.pre(x)).toFloatArray();
                for (int row = 0; row < batch.count(); row++) {
                    see(batch.origins().get(row), acts, row * dSae);
                }
            }
            return true;
        }

        private void see(Origin origin, float[] acts, int start) {
            if (!before.isEmpty() && !sameContext(before.getLast(), origin)) {
                before.clear();
            }
            before.addLast(origin);
            if (before.size() > WINDOW) {
                before.removeFirst();
            }
            for (int i = 0; i < features.length; i++) {
                float activation = acts[start + features[i]];
                PriorityQueue<Example> best = strongest.get(i);
                boolean full = best.size() == count;
                if (activation > 0 && (!full || activation > best.element().activation())) {
                    if (full) {
                        best.remove();
                    }
                    best.add(new Example(
                            activation,
                            origin,
                            before.stream().map(Origin::token).toList()));
                }
            }
        }

        private static boolean sameContext(Origin one, Origin other) {
            return one.document() == other.document() && one.context() == other.context();
        }

        FeatureExamples found(String hook) {
            float[] activations = new float[features.length * count];
            Arrays.fill(activations, Float.NaN);
            List<List<Example>> ordered = new ArrayList<>();
            for (int i = 0; i < features.length; i++) {
                List<Example> best = new ArrayList<>(strongest.get(i));
                best.sort(Comparator.comparingDouble(Example::activation).reversed());
                for (int rank = 0; rank < best.size(); rank++) {
                    activations[i * count + rank] = best.get(rank).activation();
                }
                ordered.add(best);
            }
            List<String> labels =
                    Arrays.stream(features).mapToObj(Integer::toString).toList();
            return new FeatureExamples(
                    new Grid(
                            "Where features of " + hook + " are strongest",
                            "activation",
                            List.of(new Axis("feature", labels), Axis.counted("example", count)),
                            activations),
                    ordered);
        }
    }
}
