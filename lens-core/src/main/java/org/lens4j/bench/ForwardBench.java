package org.lens4j.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.LongStream;
import org.lens4j.config.Activation;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;
import org.lens4j.load.Initialisation;
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
 * ForwardBench.Result result = ForwardBench.gpt2Small(20).run();
 * System.out.println(result.table());
 * }</pre>
 */
public final class ForwardBench {
    private static final int WARM_UP = 3;

    private final ModelConfig config;
    private final int repetitions;

    private ForwardBench(ModelConfig config, int repetitions) {
        this.config = config;
        this.repetitions = repetitions;
    }

    /**
     * One thing that was timed.
     *
     * @param work what, with its tokens
     * @param milliseconds the median
     * @param against what it is measured against
     * @param ratio milliseconds divided by that one's
     */
    public record Row(String work, double milliseconds, String against, double ratio) {}

    /**
     * Everything that was timed.
     *
     * @param rows in order
     * @param gemm GFLOP/s of a float32 product of two 1024 x 1024 matrices
     */
    public record Result(List<Row> rows, double gemm) {
        /** Copies the rows. */
        public Result {
            rows = List.copyOf(rows);
        }

        /** As aligned text. */
        public String table() {
            StringBuilder text = new StringBuilder();
            for (Row row : rows) {
                text.append(String.format(
                        Locale.ROOT,
                        "%-48s %9.1f ms  %5.2f x %s%n",
                        row.work(),
                        row.milliseconds(),
                        row.ratio(),
                        row.against()));
            }
            return text.append(
                            String.format(Locale.ROOT, "%-48s %9.0f GFLOP/s%n", "float32 product, 1024 x 1024", gemm))
                    .toString();
        }
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

    /** Times everything; takes a minute or so for GPT-2 small. */
    public Result run() {
        try (HookedTransformer model = Initialisation.seeded(1).model(config);
                PlainGraph graph = new PlainGraph(model)) {
            List<Row> rows = new ArrayList<>();
            for (int[] shape : new int[][] {{1, 1}, {1, 15}, {1, 128}, {15, 15}}) {
                Tokens tokens = tokens(shape[0], shape[1]);
                requireSame(model, graph, tokens);
                pair(
                        rows,
                        "forward " + Arrays.toString(shape),
                        () -> model.run(tokens).close(),
                        "one graph",
                        () -> graph.logits(tokens));
            }
            Tokens long128 = tokens(1, 128);
            pair(
                    rows,
                    "all hook points cached [1, 128]",
                    () -> model.runWithCache(long128).close(),
                    "one graph",
                    () -> graph.logits(long128));
            String middle = "blocks." + (config.nLayers() / 2) + ".hook_resid_post";
            pair(
                    rows,
                    middle + " alone [1, 128]",
                    () -> model.cache(long128, middle).close(),
                    "one graph",
                    () -> graph.logits(long128));
            Tokens short64 = tokens(1, 64);
            RunOptions back = RunOptions.defaults()
                    .withMetric(Metric.logitDifference(5, 7))
                    .withGradientsOf("blocks.*.hook_resid_post");
            pair(
                    rows,
                    "forward and back, every resid_post [1, 64]",
                    () -> model.run(short64, back).close(),
                    "its forward",
                    () -> model.run(short64).close());
            return new Result(rows, gemm());
        }
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

    /** Times two kinds of work in turn, so that a slow minute hits both. */
    private void pair(List<Row> rows, String work, Runnable ours, String against, Runnable theirs) {
        double[] our = new double[repetitions];
        double[] their = new double[repetitions];
        for (int i = -WARM_UP; i < repetitions; i++) {
            double first = timed(ours);
            double second = timed(theirs);
            if (i >= 0) {
                our[i] = first;
                their[i] = second;
            }
        }
        rows.add(new Row(work, median(our), against, median(our) / median(their)));
    }

    private static double timed(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e6;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private double gemm() {
        int n = 1024;
        try (Scope scope = Scope.root()) {
            NDArray a = scope.manager().randomNormal(0, 1, new Shape(n, n), DataType.FLOAT32);
            NDArray b = scope.manager().randomNormal(0, 1, new Shape(n, n), DataType.FLOAT32);
            double[] times = new double[repetitions];
            for (int i = -WARM_UP; i < repetitions; i++) {
                double time = timed(() -> Autograd.recording(false, () -> {
                    try (NDArray c = a.matMul(b)) {
                        return c.size();
                    }
                }));
                if (i >= 0) {
                    times[i] = time;
                }
            }
            return 2.0 * n * n * n / median(times) / 1e6;
        }
    }
}
