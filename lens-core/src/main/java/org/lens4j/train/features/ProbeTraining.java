package org.lens4j.train.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.error.StateException;
import org.lens4j.error.UsageException;
import org.lens4j.harvest.HarvestRows;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.train.Adam;
import org.lens4j.train.TrainConfig;

/**
 * Trains a probe on harvested rows, and beside it a control: the same probe on labels that are random for each token, drawn as
 * often as the real ones (Hewitt and Liang, 2019). One part of the documents is held out, and only there the scores mean much.
 *
 * <pre>{@code
 * ProbeReport report = ProbeTraining.ofClasses(rows, List.of("singular", "plural"), TrainConfig.of(500, 8, 32, 1e-2))
 *         .run(row -> number(row));
 * report.selectivity();
 * }</pre>
 *
 * @param rows what is read
 * @param outputs names of the classes; one name for a probe of a number
 * @param config steps, Adam's constants and seed; a step reads {@link TrainConfig#tokensPerStep()} rows
 * @param heldOut the share of documents that are not trained on, more than 0 and less than 1
 */
public record ProbeTraining(HarvestRows rows, List<String> outputs, TrainConfig config, double heldOut) {
    static final int TRAINING = 0;
    static final int HELD_OUT = 1;

    /** The share of documents held out unless another is asked for. */
    private static final double USUAL_SHARE = 0.2;

    private static final int DRAWN_LABELS = 4096;
    private static final float LEAST_SPREAD = 1e-6f;

    /** Copies and checks. */
    public ProbeTraining {
        outputs = List.copyOf(outputs);
        if (outputs.isEmpty() || outputs.stream().distinct().count() < outputs.size()) {
            throw new UsageException(
                    "A probe has the classes %s. Give two or more different names, or one for a probe of a number."
                            .formatted(outputs));
        }
        if (!(heldOut > 0 && heldOut < 1)) {
            throw new UsageException(String.format(
                    Locale.ROOT,
                    "A share of %s of the documents cannot be held out. Use more than 0 and less than 1, such as 0.2.",
                    heldOut));
        }
    }

    /**
     * A probe that tells classes apart: multinomial logistic regression.
     *
     * @param classes at least two names; labels are their indices
     */
    public static ProbeTraining ofClasses(HarvestRows rows, List<String> classes, TrainConfig config) {
        if (classes.size() < 2) {
            throw new UsageException(
                    "A probe of classes needs at least two, and %s was given. For a number: ProbeTraining.ofNumber(…)."
                            .formatted(classes));
        }
        return new ProbeTraining(rows, classes, config, USUAL_SHARE);
    }

    /** A probe of a number: linear regression with least squares. */
    public static ProbeTraining ofNumber(HarvestRows rows, String name, TrainConfig config) {
        return new ProbeTraining(rows, List.of(name), config, USUAL_SHARE);
    }

    /** This with another share of documents held out. */
    public ProbeTraining withHeldOut(double share) {
        return new ProbeTraining(rows, outputs, config, share);
    }

    /** What the training rows are like: so that all numbers are of one size while training. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier between methods, never compared
    private record Seen(float[] mean, float[] spread, double[] labels, double labelMean, double labelSpread) {}

    /**
     * Trains both. The same seed, rows and number of threads give the same numbers.
     *
     * @param labels of each row
     * @throws UsageException if a label is no class, all are one, or a part of the documents has none
     * @throws StateException if the loss is no longer a number
     */
    public ProbeReport run(Labels labels) {
        Seen seen = scan(labels);
        Labels control = row -> seen.labels[(int) Math.floorMod(mixed(row.token()), (long) seen.labels.length)];
        Probe probe = train(labels, labels, seen);
        Probe other = train(labels, control, seen);
        Tally[] real = tallies(labels, labels, probe, seen);
        Tally[] random = tallies(labels, control, other, seen);
        List<Axis> axes = List.of(
                new Axis("task", List.of("probed", "control")),
                new Axis("score", List.of("training", "held_out", "baseline")));
        float[] values = {
            real[TRAINING].score(),
            real[HELD_OUT].score(),
            real[HELD_OUT].baseline(),
            random[TRAINING].score(),
            random[HELD_OUT].score(),
            random[HELD_OUT].baseline()
        };
        String unit = isNumber() ? "R²" : "share right";
        Grid scores = new Grid("Probe of " + rows.hook(), unit, axes, values);
        return new ProbeReport(
                probe, other, scores, isNumber() ? Optional.empty() : Optional.of(real[HELD_OUT].confusion()));
    }

    private boolean isNumber() {
        return outputs.size() == 1;
    }

    private boolean isHeldOut(HarvestRows.Origin row) {
        return Math.floorMod(mixed(row.document()), 10_000L) < heldOut * 10_000;
    }

    /** A number that looks random, and is the same for the same seed (the finaliser of splitmix64). */
    private long mixed(long number) {
        long x = number + 0x9e3779b97f4a7c15L * (config.seed() + 1);
        x = (x ^ x >>> 30) * 0xbf58476d1ce4e5b9L;
        x = (x ^ x >>> 27) * 0x94d049bb133111ebL;
        return x ^ x >>> 31;
    }

    private HarvestRows labelled(Labels labels, boolean held) {
        return rows.where(row -> isHeldOut(row) == held && !Double.isNaN(checked(labels.of(row))));
    }

    private double checked(double label) {
        boolean isClass = label == Math.rint(label) && label >= 0 && label < outputs.size();
        if (!Double.isNaN(label) && !(isNumber() ? Double.isFinite(label) : isClass)) {
            throw new UsageException(String.format(
                    Locale.ROOT,
                    "A row has the label %s, and %s. Give NaN for rows to leave out.",
                    label,
                    isNumber()
                            ? "labels must be finite"
                            : "the classes are 0 to %d: %s".formatted(outputs.size() - 1, outputs)));
        }
        return label;
    }

    /** One look at all rows: what those to train on are like, and a fair sample of their labels for the control. */
    private Seen scan(Labels labels) {
        Moments moments = new Moments(rows.width());
        LabelSample sample = new LabelSample(DRAWN_LABELS, config.seed());
        labelled(labels, false).inOrder(batch -> {
            moments.add(batch.values());
            batch.origins().forEach(row -> sample.add(labels.of(row)));
        });
        double[] some = sample.labels();
        double[] different = Arrays.stream(some).distinct().toArray();
        if (different.length < 2) {
            throw new UsageException(
                    "The documents to train on have %d labelled rows of %s, and their labels are %s: there is nothing to tell apart. Label more rows, or harvest more documents."
                            .formatted(moments.count(), rows.hook(), Arrays.toString(different)));
        }
        requireHeldOut(labels);
        double mean = Arrays.stream(some).average().orElseThrow();
        double variance = Arrays.stream(some).map(it -> it * it).average().orElseThrow() - mean * mean;
        return new Seen(moments.mean(), moments.spread(LEAST_SPREAD), some, mean, Math.sqrt(variance));
    }

    private void requireHeldOut(Labels labels) {
        long[] count = {0};
        labelled(labels, true).inOrder(batch -> count[0] += batch.count());
        if (count[0] == 0) {
            throw new UsageException(
                    "No labelled row of %s is in a document that is held out. Harvest more documents, or hold out a greater share."
                            .formatted(rows.hook()));
        }
    }

    private Probe train(Labels present, Labels labels, Seen seen) {
        int width = rows.width();
        int size = outputs.size();
        Iterator<HarvestRows.Batch> batches = labelled(present, false).shuffled(config.tokensPerStep(), config.seed());
        Adam.Rule rule = new Adam.Rule(config.beta1(), config.beta2(), config.weightDecay(), config.clip());
        try (Scope scope = Scope.root()) {
            NDArray weight = scope.zeros(new Shape(width, size));
            NDArray bias = scope.zeros(new Shape(size));
            Autograd.track(weight);
            Autograd.track(bias);
            try (Adam adam = new Adam(rule, List.of(weight, bias))) {
                for (int step = 0; step < config.steps(); step++) {
                    float loss = backward(batches.next(), labels, seen, weight, bias);
                    double gradient = adam.step(config.learningRate(step));
                    if (!Float.isFinite(loss) || !Double.isFinite(gradient)) {
                        throw new StateException(String.format(
                                Locale.ROOT,
                                "Step %d of the probe of %s has loss %f and a gradient of length %f. The learning rate, %.2g at its highest, is likely too high: lower it.",
                                step + 1,
                                rows.hook(),
                                loss,
                                gradient,
                                config.learningRate()));
                    }
                }
            }
            return unscaled(weight.toFloatArray(), bias.toFloatArray(), seen);
        }
    }

    private float backward(HarvestRows.Batch batch, Labels labels, Seen seen, NDArray weight, NDArray bias) {
        int width = rows.width();
        float[] values = batch.values();
        for (int i = 0; i < values.length; i++) {
            values[i] = (values[i] - seen.mean[i % width]) / seen.spread[i % width];
        }
        double[] wanted = batch.origins().stream().mapToDouble(labels::of).toArray();
        try (Scope scope = Scope.root()) {
            NDArray x = scope.floats(values, new Shape(batch.count(), width));
            NDArray target = isNumber() ? numbers(wanted, seen, scope) : classes(wanted, scope);
            NDArray loss = Autograd.recording(true, () -> {
                NDArray scores = Kernels.call("linear", x, weight, bias);
                return Kernels.call(isNumber() ? "row_error" : "class_loss", scores, target);
            });
            Autograd.backward(loss);
            return loss.getFloat();
        }
    }

    private static NDArray classes(double[] wanted, Scope scope) {
        return scope.longs(Arrays.stream(wanted).mapToLong(it -> (long) it).toArray(), new Shape(wanted.length));
    }

    private static NDArray numbers(double[] wanted, Seen seen, Scope scope) {
        float[] scaled = new float[wanted.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = (float) ((wanted[i] - seen.labelMean) / seen.labelSpread);
        }
        return scope.floats(scaled, new Shape(scaled.length, 1));
    }

    /** The probe of rows as they are, from one of rows of mean 0 and spread 1. */
    private Probe unscaled(float[] weight, float[] bias, Seen seen) {
        int size = outputs.size();
        double stretch = isNumber() ? seen.labelSpread : 1;
        for (int output = 0; output < size; output++) {
            double shift = bias[output] * stretch + (isNumber() ? seen.labelMean : 0);
            for (int i = 0; i < seen.mean.length; i++) {
                weight[i * size + output] = (float) (weight[i * size + output] * stretch / seen.spread[i]);
                shift -= (double) seen.mean[i] * weight[i * size + output];
            }
            bias[output] = (float) shift;
        }
        return new Probe(rows.hook(), outputs, weight, bias);
    }

    private Tally[] tallies(Labels present, Labels labels, Probe probe, Seen seen) {
        Tally[] tallies = new Tally[2];
        for (int part = 0; part < tallies.length; part++) {
            Tally tally = new Tally(outputs, seen.labelMean);
            labelled(present, part == HELD_OUT).inOrder(batch -> {
                double[] answers = probe.answers(batch.values());
                for (int row = 0; row < answers.length; row++) {
                    tally.add(labels.of(batch.origins().get(row)), answers[row]);
                }
            });
            tallies[part] = tally;
        }
        return tallies;
    }
}
