package org.lens4j.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.lens4j.analysis.patching.ActivationPatch;
import org.lens4j.analysis.patching.PatchMetric;
import org.lens4j.analysis.patching.PatchPairs;
import org.lens4j.analysis.patching.PatchSite;
import org.lens4j.config.Activation;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;
import org.lens4j.generate.GenerateListener;
import org.lens4j.generate.GenerateOptions;
import org.lens4j.generate.Generation;
import org.lens4j.load.Initialisation;
import org.lens4j.model.ComputeError;
import org.lens4j.model.ComputeType;
import org.lens4j.model.HookCost;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Metric;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * Times of a random model of GPT-2 small's shape, each beside what it is measured against in the same minute: machines are
 * noisy, ratios within one run are not.
 *
 * <pre>{@code
 * System.out.println(ForwardBench.gpt2Small(20).run().table());
 * }</pre>
 */
public final class ForwardBench {
    private static final String GRAPH = "one graph";
    /** Until Java's compiler, which takes one of two cores while it works, is done with what a pass runs. */
    private static final int FIRST_RUNS = 250;

    private static final int WRITTEN = 32;

    private final ModelConfig config;
    private final Timing timing;

    private ForwardBench(ModelConfig config, int repetitions) {
        this.config = config;
        this.timing = new Timing(repetitions);
    }

    /**
     * The shape of GPT-2 small, drawn at random.
     *
     * @param repetitions of each kind of work, of which the median counts
     */
    public static ForwardBench gpt2Small(int repetitions) {
        return of(12, 768, 12, 50257, repetitions);
    }

    /** Another GPT-2 shape, n_ctx 1024. */
    public static ForwardBench of(int nLayers, int dModel, int nHeads, int dVocab, int repetitions) {
        ModelConfig config = ModelConfig.of(
                "GPT2LMHeadModel",
                new Sizes(nLayers, dModel, dVocab, 1024),
                new PositionEmbedding.Learned(),
                Norms.layerNorm(1e-5f),
                Attention.of(nLayers, nHeads, dModel / nHeads),
                new Mlp.Plain(4 * dModel, Activation.GELU_TANH));
        return new ForwardBench(config, repetitions);
    }

    /** Times everything; takes a minute or two for GPT-2 small. */
    public BenchResult run() {
        try (HookedTransformer model = Initialisation.seeded(1).model(config);
                PlainGraph graph = new PlainGraph(model)) {
            for (int i = 0; i < FIRST_RUNS; i++) {
                model.run(tokens(1, 1)).close();
            }
            List<BenchRow> rows = new ArrayList<>();
            for (int[] shape : new int[][] {{1, 1}, {1, 15}, {1, 128}, {15, 15}, {8, 128}}) {
                rows.add(forward(model, graph, shape[0], shape[1]));
            }
            rows.add(everything(model, graph));
            rows.add(oneLayer(model, graph));
            rows.add(back(model));
            rows.add(writing(model, graph));
            rows.addAll(patching(model, graph));
            ComputeError error;
            try (HookedTransformer fast = model.computing(ComputeType.BFLOAT16)) {
                error = ComputeError.between(model, fast, tokens(2, 128));
                rows.add(harvest(model, fast));
            }
            long weights = model.parameters().count() * (2 * Float.BYTES + Short.BYTES) / 1_000_000;
            double graphTime = timing.median(() -> graph.logits(tokens(1, 128)));
            return new BenchResult(
                    rows, graphTime, product(), HookCost.of(model), error, PeakMemory.ofProcess(), weights);
        }
    }

    private BenchRow forward(HookedTransformer model, PlainGraph graph, int batch, int pos) {
        Tokens tokens = tokens(batch, pos);
        requireSame(model, graph, tokens);
        boolean main = batch == 1 && pos == 128;
        Timing often = main ? timing.finer() : timing;
        BenchRow row = new BenchRow(
                        "forward [%d, %d]".formatted(batch, pos),
                        often.pair(() -> model.run(tokens).close(), () -> graph.logits(tokens)),
                        GRAPH)
                .withFlops(new Flops(config).forward(batch, pos));
        return main ? row.withGoal(1.0).withReference(TransformerLensTime.FORWARD) : row;
    }

    private BenchRow everything(HookedTransformer model, PlainGraph graph) {
        Tokens tokens = tokens(1, 128);
        return row(
                        "all hook points cached [1, 128]",
                        () -> model.runWithCache(tokens).close(),
                        graph,
                        tokens)
                .withFlops(new Flops(config).forward(1, 128))
                .withGoal(1.15)
                .withReference(TransformerLensTime.CACHE);
    }

    private BenchRow oneLayer(HookedTransformer model, PlainGraph graph) {
        Tokens tokens = tokens(1, 128);
        int layer = config.nLayers() / 2;
        String middle = "blocks." + layer + ".hook_resid_post";
        return row(
                        "`%s` alone [1, 128]".formatted(middle),
                        () -> model.cache(tokens, middle).close(),
                        graph,
                        tokens)
                .withFlops(new Flops(config).blocks(layer + 1, 1, 128))
                .withGoal(0.5)
                .withReference(TransformerLensTime.ONE_RESID_POST);
    }

    private BenchRow row(String work, Runnable ours, PlainGraph graph, Tokens tokens) {
        return new BenchRow(work, timing.finer().pair(ours, () -> graph.logits(tokens)), GRAPH);
    }

    private BenchRow back(HookedTransformer model) {
        Tokens tokens = tokens(1, 64);
        RunOptions back = RunOptions.defaults()
                .withMetric(Metric.logitDifference(5, 7))
                .withGradientsOf("blocks.*.hook_resid_post");
        Runnable ours = () -> model.run(tokens, back).close();
        return new BenchRow(
                        "forward and back, gradient at every `resid_post` [1, 64]",
                        timing.pair(ours, () -> model.run(tokens).close()),
                        "its forward")
                .withFlops(2 * new Flops(config).forward(1, 64))
                .withGoal(3)
                .withReference(TransformerLensTime.BACKWARD);
    }

    /** A text is continued token by token, each read beside what is remembered of the others. */
    private BenchRow writing(HookedTransformer model, PlainGraph graph) {
        Tokens prompt = tokens(1, 16);
        Tokens one = tokens(1, 1);
        GenerateOptions options = GenerateOptions.of(WRITTEN).withoutEnd();
        Runnable ours = () -> Generation.of(model, prompt, options, GenerateListener.none());
        Runnable theirs = () -> {
            graph.logits(prompt);
            for (int step = 1; step < WRITTEN; step++) {
                graph.logits(one);
            }
        };
        return new BenchRow(
                        "%d tokens written behind 16".formatted(WRITTEN),
                        timing.pair(ours, theirs),
                        "one graph, [1, 16] and %d × [1, 1]".formatted(WRITTEN - 1))
                .withReference(TransformerLensTime.GENERATE);
    }

    /** Sweeps over 15 positions, beside one graph of 128. */
    private List<BenchRow> patching(HookedTransformer model, PlainGraph graph) {
        Tokens long128 = tokens(1, 128);
        Random random = new Random(2);
        Tokens other = Tokens.of(random.longs(15, 0, config.dVocab()).toArray());
        ActivationPatch patch =
                ActivationPatch.of(model, PatchPairs.of(tokens(1, 15), other), PatchMetric.logitDifference(5, 7));
        Runnable theirs = () -> graph.logits(long128);
        BenchRow residual = new BenchRow(
                        "patching `resid_pre`, %d layers × 15 positions".formatted(config.nLayers()),
                        timing.pair(() -> patch.run(PatchSite.residPre()), theirs),
                        "one graph [1, 128]")
                .withGoal(8)
                .withReference(TransformerLensTime.PATCHING);
        BenchRow heads = new BenchRow(
                "patching heads by position, %,d patches".formatted(config.nLayers() * config.nHeads() * 15),
                Timing.single(() -> patch.run(PatchSite.headOutByPos()), theirs),
                "one graph [1, 128]");
        return List.of(residual, heads);
    }

    /** What a harvest of the middle layer does with each batch. */
    private BenchRow harvest(HookedTransformer model, HookedTransformer fast) {
        Tokens tokens = tokens(16, 128);
        int layer = config.nLayers() / 2;
        String middle = "blocks." + layer + ".hook_resid_post";
        Runnable ours = () -> fast.cache(tokens, middle).close();
        return new BenchRow(
                        "`%s` alone in bfloat16 [16, 128]".formatted(middle),
                        timing.pair(ours, () -> model.cache(tokens, middle).close()),
                        "float32")
                .withFlops(new Flops(config).blocks(layer + 1, 16, 128))
                .withGoal(0.4);
    }

    private Tokens tokens(int batch, int pos) {
        Random random = new Random(1);
        return Tokens.of(LongStream.range(0, batch)
                .mapToObj(row -> random.longs(pos, 0, config.dVocab()).toArray())
                .toArray(long[][]::new));
    }

    /** A graph that computed something else would be no measure. */
    private static void requireSame(HookedTransformer model, PlainGraph graph, Tokens tokens) {
        float[] plain = graph.logits(tokens);
        try (Run run = model.run(tokens)) {
            float[] hooked = run.logits().get("0, -1").toFloatArray();
            for (int i = 0; i < plain.length; i++) {
                if (Math.abs(plain[i] - hooked[i]) > 1e-3) {
                    throw new IllegalStateException(
                            "The plain graph gives %s where the model gives %s: it is no measure."
                                    .formatted(plain[i], hooked[i]));
                }
            }
        }
    }

    /** GFLOP/s of a product of two 1024 x 1024 matrices, the fastest. */
    private double product() {
        int n = 1024;
        try (Scope scope = Scope.root()) {
            NDArray a = scope.manager().randomNormal(0, 1, new Shape(n, n), DataType.FLOAT32);
            NDArray b = scope.manager().randomNormal(0, 1, new Shape(n, n), DataType.FLOAT32);
            double milliseconds = timing.fastest(() -> Autograd.recording(false, () -> {
                try (NDArray c = a.matMul(b)) {
                    return c.size();
                }
            }));
            return 2.0 * n * n * n / milliseconds / 1e6;
        }
    }
}
