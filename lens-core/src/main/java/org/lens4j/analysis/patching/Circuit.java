package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.UnknownNameException;
import org.lens4j.hook.Hooks;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/** Runs of the clean prompts in which only some edges carry what their writers write, and the others what they do in the
 * corrupted run. */
final class Circuit implements AutoCloseable {
    private final HookedTransformer model;
    private final PatchPairs pairs;
    private final PatchMetric metric;
    private final EdgeNodes nodes;
    private final Scope scope;
    private final ActivationCache corrupted;
    private final Baselines baselines;

    private Circuit(
            HookedTransformer model,
            PatchPairs pairs,
            PatchMetric metric,
            Scope scope,
            ActivationCache corrupted,
            Baselines baselines) {
        this.model = model;
        this.pairs = pairs;
        this.metric = metric;
        this.nodes = EdgeNodes.of(model);
        this.scope = scope;
        this.corrupted = corrupted;
        this.baselines = baselines;
    }

    static Circuit of(HookedTransformer model, PatchPairs pairs, PatchMetric metric) {
        EdgeNodes nodes = EdgeNodes.of(model);
        Scope scope = Scope.root();
        RunOptions options = RunOptions.defaults()
                .withAttnResult()
                .withCached(nodes.writers().stream().map(it -> it.name().full()).toList());
        try (BaseRun base = BaseRun.of(model, pairs.corrupted())) {
            Baselines baselines = Baselines.of(model, pairs, List.of(metric), scope, base, false);
            return new Circuit(model, pairs, metric, scope, model.cache(pairs.corrupted(), options), baselines);
        } catch (RuntimeException | Error e) {
            scope.close();
            throw e;
        }
    }

    /** The metric of a circuit, mean over the prompts. */
    float recovered(List<Edge> circuit) {
        float[][] cut = cut(circuit);
        try (Scope inside = new Scope(scope)) {
            NDList written = new NDList();
            Hooks hooks = Hooks.none();
            for (EdgeNodes.Group group : nodes.writers()) {
                hooks = hooks.observe(group.name().full(), (x, at) -> {
                    NDArray difference = corrupted.copy(at.full(), inside).sub(x);
                    written.add(group.hasHeads() ? difference : difference.expandDims(2));
                });
            }
            for (EdgeNodes.Group group : nodes.readers()) {
                hooks = hooks.edit(group.name().full(), (x, at) -> read(x, group, written, cut, inside));
            }
            RunOptions options = EdgeNodes.options(model)
                    .withHooks(hooks)
                    .stopAtLayer(model.config().nLayers());
            try (Run run = model.run(pairs.clean(), options)) {
                Readout readout = new Readout(model, pairs.clean(), List.of(metric), baselines.cleanLast());
                return mean(readout.values(run.residual(), 0).get(0));
            }
        }
    }

    private float mean(float[] values) {
        List<Baseline> all = baselines.of(0);
        double sum = 0;
        for (int prompt = 0; prompt < values.length; prompt++) {
            sum += metric.scaled(values[prompt], all.get(prompt));
        }
        return (float) (sum / values.length);
    }

    /** What a reader reads: its cut edges bring the corrupted run's. */
    private static NDArray read(NDArray x, EdgeNodes.Group group, NDList written, float[][] cut, Scope inside) {
        int count = group.labels().size();
        float[] mask = new float[group.seen() * count];
        for (int i = 0; i < mask.length; i++) {
            mask[i] = cut[i / count][group.first() + i % count];
        }
        NDArray upstream = Kernels.call(
                "stretch", NDArrays.concat(written, 2), inside.scalar(2L), inside.scalar(0L), inside.scalar((long)
                        group.seen()));
        NDArray whole = group.hasHeads() ? x : x.expandDims(2);
        NDArray read =
                Kernels.call("add_written", whole, upstream, inside.floats(mask, new Shape(group.seen(), count)));
        return group.hasHeads() ? read : read.squeeze(2);
    }

    /** 1 at edges that are not in the circuit, {@code [writer][reader]}. */
    private float[][] cut(List<Edge> circuit) {
        List<String> writers = nodes.writerLabels();
        List<String> readers = nodes.readerLabels();
        float[][] cut = new float[writers.size()][readers.size()];
        for (float[] row : cut) {
            Arrays.fill(row, 1);
        }
        for (Edge edge : circuit) {
            cut[number("writer", edge.writer(), writers)][number("reader", edge.reader(), readers)] = 0;
        }
        return cut;
    }

    private int number(String kind, String label, List<String> all) {
        int number = all.indexOf(label);
        if (number < 0) {
            throw UnknownNameException.of(kind, label, model.name(), all, "");
        }
        return number;
    }

    @Override
    public void close() {
        corrupted.close();
        scope.close();
    }
}
