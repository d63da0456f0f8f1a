package org.lens4j.train.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.ShapeException;
import org.lens4j.harvest.HarvestRows;
import org.lens4j.hook.Hooks;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Metric;
import org.lens4j.model.Run;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * How well an autoencoder does on harvested rows.
 *
 * <pre>{@code
 * SaeQuality quality = SaeQuality.of(sae, rows);
 * quality.explainedVariance();
 * SaeQuality.lossRecovered(SaeQuality.losses(model, sae, tokens));
 * }</pre>
 *
 * @param scores {@code [measure]}: {@code l0} (features that are on at a row, on average), {@code explained_variance} (1 less the squared
 *     errors over the squared distances from the mean row), {@code dead} (features that were never on)
 * @param firing the share of rows at which each feature is on, {@code [feature]}
 */
public record SaeQuality(Grid scores, Grid firing) {
    private static final int CLEAN = 0;
    private static final int SPLICED = 1;
    private static final int ZERO = 2;

    /**
     * Reads all rows once.
     *
     * @throws ShapeException if they are not as wide as the autoencoder reads
     */
    public static SaeQuality of(SparseAutoencoder sae, HarvestRows rows) {
        requireWidth(sae, rows);
        Moments moments = new Moments(rows.width());
        long[] fired = new long[sae.dSae()];
        double[] errors = new double[1];
        try (Scope scope = Scope.root()) {
            SaeTensors tensors = SaeTensors.of(sae, scope);
            rows.inOrder(batch -> {
                moments.add(batch.values());
                errors[0] += Autograd.recording(false, () -> error(batch, tensors, fired)) * batch.count();
            });
        }
        float[] share = new float[fired.length];
        double on = 0;
        int dead = 0;
        for (int feature = 0; feature < fired.length; feature++) {
            share[feature] = (float) ((double) fired[feature] / moments.count());
            on += share[feature];
            dead += fired[feature] == 0 ? 1 : 0;
        }
        float explained = (float) (1 - errors[0] / moments.count() / moments.variance());
        return new SaeQuality(
                new Grid(
                        sae.toString(),
                        "as named",
                        List.of(new Axis("measure", List.of("l0", "explained_variance", "dead"))),
                        new float[] {(float) on, explained, dead}),
                new Grid(
                        "How often features are on",
                        "share of rows",
                        List.of(Axis.counted("feature", share.length)),
                        share));
    }

    static void requireWidth(SparseAutoencoder sae, HarvestRows rows) {
        if (rows.width() != sae.dIn()) {
            throw new ShapeException(
                    "The autoencoder of %s reads rows of %d numbers, and those of %s have %d. Give rows of its own hook point."
                            .formatted(sae.hook(), sae.dIn(), rows.hook(), rows.width()));
        }
    }

    private static float error(HarvestRows.Batch batch, SaeTensors tensors, long[] fired) {
        try (Scope scope = Scope.root()) {
            NDArray x = scope.floats(
                    batch.values(), new Shape(batch.count(), tensors.sae().dIn()));
            NDArray acts = tensors.acts(tensors.pre(x));
            float[] on = Kernels.call("fired", acts).toFloatArray();
            for (int feature = 0; feature < on.length; feature++) {
                fired[feature] += (long) on[feature];
            }
            return Kernels.call("row_error", x, tensors.recons(acts)).getFloat();
        }
    }

    /** How many features are on at a row, on average. */
    public float l0() {
        return scores.at(0);
    }

    /** The share of the rows' variance that the reconstruction has. */
    public float explainedVariance() {
        return scores.at(1);
    }

    /** Features that were never on. */
    public int dead() {
        return (int) scores.at(2);
    }

    /**
     * The model's mean surprise at next tokens: as it is, with the reconstruction in the activation's place, and with zeros there.
     *
     * @return nats, {@code [run]}: {@code clean}, {@code spliced}, {@code zero_ablated}
     */
    public static Grid losses(HookedTransformer model, SparseAutoencoder sae, Tokens tokens) {
        float[] losses = new float[3];
        losses[CLEAN] = model.loss(tokens);
        try (SplicedModel spliced = SplicedModel.of(model, Splice.of(sae));
                SplicedRun run = spliced.run(tokens)) {
            losses[SPLICED] = loss(run.run(), tokens);
        }
        Hooks zeros = Hooks.none().change(sae.hook(), (activation, at) -> Kernels.inPlace("zero_in_place", activation));
        try (Run run = model.runWithHooks(tokens, zeros)) {
            losses[ZERO] = loss(run, tokens);
        }
        return new Grid(
                "Loss with " + sae,
                "nats",
                List.of(new Axis("run", List.of("clean", "spliced", "zero_ablated"))),
                losses);
    }

    private static float loss(Run run, Tokens tokens) {
        try (Scope scope = Scope.root()) {
            return Metric.loss().value(run.logits(), tokens, scope).getFloat();
        }
    }

    /** The share of what zeros cost that the reconstruction saves: 1 as good as the activation, 0 as bad as nothing. */
    public static float lossRecovered(Grid losses) {
        return (losses.at(ZERO) - losses.at(SPLICED)) / (losses.at(ZERO) - losses.at(CLEAN));
    }
}
