package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.RangeException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/**
 * Edge attribution patching (Syed et al., 2023): how much each way between two parts of the model matters, all estimated from
 * two runs and one way back; and whether those that matter most do the work alone. With steps the gradient is the mean along
 * the way of the inputs (EAP-IG, Hanna et al., 2024).
 *
 * <pre>{@code
 * EdgeAttribution edges = EdgeAttribution.of(model, pairs, PatchMetric.logitDifference(mary, john));
 * List<Edge> best = edges.scores().top(20);
 * Grid kept = edges.faithfulness(10, 50, 200);       // [edges]: 1 is the whole model, 0 the corrupted run
 * }</pre>
 *
 * @param model stays with the caller
 * @param pairs clean and corrupted prompts
 * @param metric computed by operators that autograd records
 * @param steps on the way of the inputs; 0 for the gradient at the clean run alone
 */
public record EdgeAttribution(HookedTransformer model, PatchPairs pairs, PatchMetric metric, int steps) {
    /** Refuses negative steps. */
    public EdgeAttribution {
        if (steps < 0) {
            throw new RangeException("Gradients are to be taken in %d steps. Give 0 or more.".formatted(steps));
        }
    }

    /** The gradient at the clean run alone. */
    public static EdgeAttribution of(HookedTransformer model, PatchPairs pairs, PatchMetric metric) {
        return new EdgeAttribution(model, pairs, metric, 0);
    }

    /** The mean gradient at so many inputs between the clean and the corrupted ones. */
    public EdgeAttribution withSteps(int count) {
        return new EdgeAttribution(model, pairs, metric, count);
    }

    /**
     * Every edge's score.
     *
     * @param grid {@code [writer reader]}, in the metric's unit; NaN where the writer is not upstream of the reader
     */
    public record Scores(Grid grid) {
        /** All edges, those that matter most first. */
        public List<Edge> edges() {
            List<String> writers = grid.axis("writer").labels();
            List<String> readers = grid.axis("reader").labels();
            float[] values = grid.values();
            List<Edge> edges = new ArrayList<>();
            for (int i = 0; i < values.length; i++) {
                if (!Float.isNaN(values[i])) {
                    edges.add(new Edge(writers.get(i / readers.size()), readers.get(i % readers.size()), values[i]));
                }
            }
            edges.sort(Comparator.comparingDouble((Edge it) -> -Math.abs(it.score())));
            return edges;
        }

        /** The first of them. */
        public List<Edge> top(int count) {
            List<Edge> all = edges();
            return all.subList(0, Math.min(count, all.size()));
        }

        /** Those whose score is at least a threshold away from zero, those that matter most first. */
        public List<Edge> above(float threshold) {
            return edges().stream()
                    .filter(it -> Math.abs(it.score()) >= threshold)
                    .toList();
        }
    }

    /**
     * Scores all edges, mean over the prompts.
     *
     * @throws org.lens4j.error.UsageException if the model normalises what parts write before it is added
     */
    public Scores scores() {
        EdgeNodes nodes = EdgeNodes.of(model);
        try (Scope scope = Scope.root();
                BaseRun clean = BaseRun.of(model, pairs.clean());
                BaseRun corrupted = BaseRun.of(model, pairs.corrupted())) {
            NDArray last = Readout.last(model, pairs.clean(), scope.alias(clean.residual()), 0, scope);
            NDArray differences = Autograd.recording(false, () -> differences(nodes, scope));
            try (Run run = back(nodes, clean, corrupted, last, scope)) {
                return new Scores(grid(nodes, differences, run, scope));
            }
        }
    }

    /** Corrupted less clean of every writer, {@code [prompt pos writer d_model]}. */
    private NDArray differences(EdgeNodes nodes, Scope scope) {
        RunOptions options = RunOptions.defaults()
                .withAttnResult()
                .withCached(nodes.writers().stream().map(it -> it.name().full()).toList());
        NDList all = new NDList();
        try (ActivationCache clean = model.cache(pairs.clean(), options);
                ActivationCache corrupted = model.cache(pairs.corrupted(), options)) {
            for (EdgeNodes.Group group : nodes.writers()) {
                String name = group.name().full();
                NDArray difference = corrupted.copy(name, scope).sub(clean.copy(name, scope));
                all.add(group.hasHeads() ? difference : difference.expandDims(2));
            }
        }
        return NDArrays.concat(all, 2);
    }

    private float[] shares() {
        float[] shares = new float[Math.max(1, steps)];
        for (int i = 0; i < steps; i++) {
            shares[i] = (i + 0.5f) / steps;
        }
        return shares;
    }

    private Run back(EdgeNodes nodes, BaseRun clean, BaseRun corrupted, NDArray cleanLast, Scope scope) {
        float[] shares = shares();
        NDArray between = Autograd.recording(
                false,
                () -> Kernels.call(
                        "between",
                        clean.residual(0, scope),
                        corrupted.residual(0, scope),
                        scope.floats(shares, new Shape(shares.length))));
        RunOptions options = EdgeNodes.options(model)
                .startAtLayer(0, between)
                .withMetric(PatchMetric.sum(metric, cleanLast))
                .withGradientsOf(
                        nodes.readers().stream().map(it -> it.name().full()).toArray(String[]::new));
        return model.run(clean.tokens(0, shares.length), options);
    }

    private Grid grid(EdgeNodes nodes, NDArray differences, Run run, Scope scope) {
        List<String> writers = nodes.writerLabels();
        List<String> readers = nodes.readerLabels();
        float[] values = new float[writers.size() * readers.size()];
        Arrays.fill(values, Float.NaN);
        float[] shares = shares();
        NDArray of = scope.floats(shares, new Shape(shares.length));
        for (EdgeNodes.Group group : nodes.readers()) {
            try (Scope inside = new Scope(scope)) {
                NDArray all = run.cache().copy(group.name().full() + ActivationCache.GRADIENT, inside);
                NDArray mean = Kernels.call("mean_of_shares", all, of);
                NDArray gradient = group.hasHeads() ? mean : mean.expandDims(2);
                NDArray upstream = Kernels.call(
                        "stretch", inside.alias(differences), inside.scalar(2L), inside.scalar(0L), inside.scalar((long)
                                group.seen()));
                float[] found = Kernels.call("edge_scores", upstream, gradient)
                        .mean(new int[] {0})
                        .toFloatArray();
                int count = group.labels().size();
                for (int i = 0; i < found.length; i++) {
                    values[i / count * readers.size() + group.first() + i % count] = found[i];
                }
            }
        }
        return new Grid(
                "Edge attribution of " + metric.name(),
                metric.unit(),
                List.of(new Axis("writer", writers), new Axis("reader", readers)),
                values);
    }

    /**
     * How much of the metric circuits of the edges that matter most recover: every other edge carries what it does in the
     * corrupted run.
     *
     * @param counts how many edges
     * @return {@code [edges]}: 1 for the clean metric, 0 for the corrupted one, mean over the prompts
     */
    public Grid faithfulness(int... counts) {
        List<Edge> sorted = scores().edges();
        float[] values = new float[counts.length];
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
            RangeException.index("count of edges", counts[i], sorted.size() + 1, model.name());
            values[i] = faithfulness(sorted.subList(0, counts[i]));
            labels.add(Integer.toString(counts[i]));
        }
        return new Grid(
                "Faithfulness of circuits, " + metric.name(), "share", List.of(new Axis("edges", labels)), values);
    }

    /**
     * {@link #faithfulness(int...)} of the circuits of all edges whose scores reach a threshold.
     *
     * @param thresholds in the metric's unit
     * @return {@code [threshold]}, labelled with how many edges there are
     */
    public Grid faithfulnessAbove(float... thresholds) {
        Scores scores = scores();
        float[] values = new float[thresholds.length];
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < thresholds.length; i++) {
            if (!(thresholds[i] >= 0)) {
                throw new RangeException(
                        "A threshold of %s was given, and scores count by how far they are from zero. Give 0 or more."
                                .formatted(thresholds[i]));
            }
            List<Edge> circuit = scores.above(thresholds[i]);
            values[i] = faithfulness(circuit);
            labels.add("%s (%d edges)".formatted(thresholds[i], circuit.size()));
        }
        return new Grid(
                "Faithfulness of circuits, " + metric.name(), "share", List.of(new Axis("threshold", labels)), values);
    }

    /** How much of the metric a circuit recovers. */
    public float faithfulness(List<Edge> circuit) {
        return Autograd.recording(false, () -> {
            try (Circuit run = Circuit.of(model, pairs, PatchMetric.recovered(metric))) {
                return run.recovered(circuit);
            }
        });
    }
}
