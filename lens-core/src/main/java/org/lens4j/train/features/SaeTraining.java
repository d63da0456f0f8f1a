package org.lens4j.train.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.lens4j.error.InterruptedRunException;
import org.lens4j.error.StateException;
import org.lens4j.error.UsageException;
import org.lens4j.harvest.HarvestRows;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.train.Adam;
import org.lens4j.train.TrainConfig;
import org.lens4j.train.TrainListener;
import org.lens4j.train.TrainProgress;
import org.lens4j.train.features.SparseAutoencoder.Activation;
import org.lens4j.train.features.SparseAutoencoder.Weights;

/**
 * Trains a sparse autoencoder on harvested rows, streamed in shuffled batches (Bricken et al., 2023). Directions of features keep
 * length 1, the decoder's bias begins at the mean row, the encoder as the decoder's transpose.
 *
 * <pre>{@code
 * SparseAutoencoder sae = new SaeTraining(rows, 512, new Sparsity.TopK(8), TrainConfig.of(1000, 8, 64, 2e-3))
 *         .run(progress -> System.out.println(progress.line()));
 * }</pre>
 *
 * @param rows what is read
 * @param features how many are learnt
 * @param sparsity what keeps most of them at zero; its coefficient rises from 0 while the learning rate does
 * @param config steps, Adam's constants and seed; a step reads {@link TrainConfig#tokensPerStep()} rows, and nothing decays
 */
public record SaeTraining(HarvestRows rows, int features, Sparsity sparsity, TrainConfig config) {
    /** The weight of what dead features say of the error that is left (Gao et al., 2024). */
    private static final float DEAD_WEIGHT = 1f / 32;

    /** The share of all steps after which a feature that was never on is dead, and the fewest steps. */
    private static final int DEAD_SHARE = 20;

    private static final int DEAD_STEPS = 10;

    /** Checks the sizes. */
    public SaeTraining {
        if (features < 1 || (sparsity instanceof Sparsity.TopK top && top.k() > features)) {
            throw new UsageException("%s of %d features cannot be trained. Use more features, or a smaller k."
                    .formatted(sparsity, features));
        }
    }

    /** How rows become of mean squared distance 1 from their mean: times scale. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier between methods, never compared
    private record Scaling(float[] mean, float scale) {}

    /** What is trained, in native memory, of scaled rows. */
    private record Trained(NDArray wEnc, NDArray bEnc, NDArray wDec, NDArray bDec, NDArray logThreshold) {
        List<NDArray> parameters(Sparsity sparsity) {
            return sparsity instanceof Sparsity.JumpRelu
                    ? List.of(wEnc, bEnc, wDec, bDec, logThreshold)
                    : List.of(wEnc, bEnc, wDec, bDec);
        }
    }

    /**
     * Runs all steps. The same seed, rows and number of threads give the same numbers. An interrupt ends it after the current
     * step; the thread stays interrupted.
     *
     * @param listener told after every step; the loss is in shares of the rows' variance
     * @throws StateException if the loss is no longer a number
     * @throws UsageException if all rows are the same
     * @throws InterruptedRunException if it was interrupted before its first step
     */
    public SparseAutoencoder run(TrainListener listener) {
        listener.began();
        try {
            return steps(listener);
        } finally {
            listener.ended();
        }
    }

    private SparseAutoencoder steps(TrainListener listener) {
        Scaling scaling = scan();
        Iterator<HarvestRows.Batch> batches = rows.shuffled(config.tokensPerStep(), config.seed());
        Adam.Rule rule = new Adam.Rule(config.beta1(), config.beta2(), 0, config.clip());
        int[] idle = new int[features];
        long start = System.nanoTime();
        try (Scope scope = Scope.root()) {
            Trained trained = fresh(scaling, scope);
            List<NDArray> parameters = trained.parameters(sparsity);
            parameters.forEach(Autograd::track);
            try (Adam adam = new Adam(rule, parameters)) {
                for (int step = 0;
                        step < config.steps() && !Thread.currentThread().isInterrupted();
                        step++) {
                    float loss = backward(batches.next(), scaling, trained, step, idle);
                    alongSphere(trained.wDec);
                    double gradient = adam.step(config.learningRate(step));
                    requireFinite(step, loss, gradient);
                    Kernels.inPlace("unit_rows_in_place", trained.wDec);
                    double read = (step + 1.0) * config.tokensPerStep();
                    listener.at(new TrainProgress(
                            step + 1, config.steps(), loss, gradient, read / ((System.nanoTime() - start) / 1e9)));
                }
            }
            return done(trained, scaling);
        }
    }

    /** One look at all rows. */
    private Scaling scan() {
        Moments moments = new Moments(rows.width());
        rows.inOrder(batch -> {
            InterruptedRunException.stopIfInterrupted("while it looked at the rows for the first time");
            moments.add(batch.values());
        });
        double variance = moments.count() == 0 ? 0 : moments.variance();
        if (!(variance > 0)) {
            throw new UsageException(
                    "All %d rows of %s are the same: there is nothing to learn. Harvest a text that varies."
                            .formatted(moments.count(), rows.hook()));
        }
        return new Scaling(moments.mean(), (float) (1 / Math.sqrt(variance)));
    }

    private Trained fresh(Scaling scaling, Scope scope) {
        int width = rows.width();
        Random random = new Random(config.seed());
        float[] decoder = new float[features * width];
        for (int i = 0; i < decoder.length; i++) {
            decoder[i] = (float) random.nextGaussian();
        }
        NDArray wDec = scope.floats(decoder, new Shape(features, width));
        Kernels.inPlace("unit_rows_in_place", wDec);
        float[] centre = scaling.mean.clone();
        for (int i = 0; i < width; i++) {
            centre[i] *= scaling.scale;
        }
        double threshold = sparsity instanceof Sparsity.JumpRelu jump ? jump.threshold() : 1;
        return new Trained(
                scope.copy(wDec.transpose()),
                scope.zeros(new Shape(features)),
                wDec,
                scope.floats(centre, new Shape(width)),
                scope.constant((float) Math.log(threshold), new Shape(features)));
    }

    private float backward(HarvestRows.Batch batch, Scaling scaling, Trained trained, int step, int[] idle) {
        float[] values = batch.values();
        for (int i = 0; i < values.length; i++) {
            values[i] *= scaling.scale;
        }
        try (Scope scope = Scope.root()) {
            NDArray x = scope.floats(values, new Shape(batch.count(), rows.width()));
            NDArray loss = Autograd.recording(true, () -> loss(x, trained, step, idle, scope));
            Autograd.backward(loss);
            return loss.getFloat();
        }
    }

    private NDArray loss(NDArray x, Trained trained, int step, int[] idle, Scope scope) {
        NDArray pre = Kernels.call("linear", x.sub(trained.bDec), trained.wEnc, trained.bEnc);
        float warm = Math.min(1, (step + 1f) / Math.max(1, config.warmup()));
        NDArray acts = acts(pre, trained, scope);
        NDArray recons = Kernels.call("linear", acts, trained.wDec, trained.bDec);
        NDArray error = Kernels.call("row_error", x, recons);
        if (sparsity instanceof Sparsity.L1 l1) {
            NDArray sum = Kernels.call("mean_row_sum", acts);
            return error.add(sum.mul(scope.scalar((float) l1.coefficient() * warm)));
        }
        if (sparsity instanceof Sparsity.JumpRelu jump) {
            NDArray count =
                    Kernels.call("jump_count", pre, trained.logThreshold, scope.scalar((float) jump.bandwidth()));
            return error.add(count.mul(scope.scalar((float) jump.coefficient() * warm)));
        }
        int dead = noteIdle(acts, idle);
        if (dead == 0) {
            return error;
        }
        NDArray k = scope.scalar((long) Math.min(dead, Math.max(1, rows.width() / 2)));
        NDArray left = Kernels.call("dead_error", pre, deadMask(idle, scope), x.sub(recons), trained.wDec, k);
        return error.add(left.mul(scope.scalar(DEAD_WEIGHT)));
    }

    private NDArray acts(NDArray pre, Trained trained, Scope scope) {
        if (sparsity instanceof Sparsity.TopK top) {
            return Kernels.call("top_k", pre, scope.scalar((long) top.k()));
        }
        if (sparsity instanceof Sparsity.JumpRelu jump) {
            return Kernels.call("jump_relu_trained", pre, trained.logThreshold, scope.scalar((float) jump.bandwidth()));
        }
        return Kernels.call("relu", pre);
    }

    /** Counts for each feature the steps since it was on; gives how many are dead. */
    private int noteIdle(NDArray acts, int[] idle) {
        float[] on =
                Autograd.recording(false, () -> Kernels.call("fired", acts)).toFloatArray();
        int dead = 0;
        for (int feature = 0; feature < features; feature++) {
            idle[feature] = on[feature] > 0 ? 0 : idle[feature] + 1;
            dead += isDead(idle[feature]) ? 1 : 0;
        }
        return dead;
    }

    private boolean isDead(int idleSteps) {
        return idleSteps >= Math.max(DEAD_STEPS, config.steps() / DEAD_SHARE);
    }

    private NDArray deadMask(int[] idle, Scope scope) {
        float[] mask = new float[features];
        for (int feature = 0; feature < features; feature++) {
            mask[feature] = isDead(idle[feature]) ? 1 : 0;
        }
        return scope.floats(mask, new Shape(features));
    }

    /** Adam should not spend its step on what keeping the length at 1 undoes. */
    private static void alongSphere(NDArray wDec) {
        for (NDArray gradient : new ArrayList<>(Autograd.gradient(wDec).stream().toList())) {
            try (gradient) {
                Kernels.inPlace("along_sphere_in_place", gradient, wDec);
            }
        }
    }

    private void requireFinite(int step, double loss, double gradient) {
        if (!Double.isFinite(loss) || !Double.isFinite(gradient)) {
            throw new StateException(String.format(
                    Locale.ROOT,
                    "Step %d of the autoencoder of %s has loss %f and a gradient of length %f. The learning rate, %.2g at its highest, is likely too high: lower it.",
                    step + 1,
                    rows.hook(),
                    loss,
                    gradient,
                    config.learningRate()));
        }
    }

    /** The autoencoder of rows as they are: all that is added shrinks, directions stay. */
    private SparseAutoencoder done(Trained trained, Scaling scaling) {
        Activation activation = new Activation.Relu();
        float[] threshold = new float[0];
        if (sparsity instanceof Sparsity.TopK top) {
            activation = new Activation.TopK(top.k());
        } else if (sparsity instanceof Sparsity.JumpRelu) {
            activation = new Activation.JumpRelu();
            threshold = trained.logThreshold.toFloatArray();
            for (int i = 0; i < threshold.length; i++) {
                threshold[i] = (float) Math.exp(threshold[i]) / scaling.scale;
            }
        }
        Weights weights = new Weights(
                trained.wEnc.toFloatArray(),
                shrunk(trained.bEnc, scaling),
                trained.wDec.toFloatArray(),
                shrunk(trained.bDec, scaling),
                threshold);
        return new SparseAutoencoder(rows.hook(), activation, true, weights);
    }

    private static float[] shrunk(NDArray numbers, Scaling scaling) {
        float[] values = numbers.toFloatArray();
        for (int i = 0; i < values.length; i++) {
            values[i] /= scaling.scale;
        }
        return values;
    }
}
