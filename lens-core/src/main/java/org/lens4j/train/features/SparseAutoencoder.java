package org.lens4j.train.features;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UsageException;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Scope;

/**
 * A sparse autoencoder of one hook point: {@code acts = f((x - b_dec) W_enc + b_enc)}, {@code recons = acts W_dec + b_dec} (Bricken
 * et al., 2023). On the heap; nothing to close. Read and written as SAELens does.
 *
 * <pre>{@code
 * SparseAutoencoder sae = SparseAutoencoder.load(Path.of("gpt2-small-res-jb/blocks.8.hook_resid_pre"));
 * float[] acts = sae.encode(row);                        // [d_sae]
 * Steering.add(sae.hook(), sae.decoder(123), 40);
 * }</pre>
 */
public final class SparseAutoencoder {
    private final String hook;
    private final Activation activation;
    private final boolean centred;
    private final Weights weights;

    /** From a feature's sum to its activation. */
    public sealed interface Activation {
        /** What is positive. */
        record Relu() implements Activation {}

        /** What is positive among the greatest. */
        record TopK(int k) implements Activation {}

        /** What is positive and above the feature's threshold. */
        record JumpRelu() implements Activation {}

        /** SAELens's name of it. */
        default String architecture() {
            if (this instanceof TopK) {
                return "topk";
            }
            return this instanceof JumpRelu ? "jumprelu" : "standard";
        }
    }

    /**
     * The numbers, row-major.
     *
     * @param wEnc {@code [d_in d_sae]}
     * @param bEnc {@code [d_sae]}
     * @param wDec {@code [d_sae d_in]}; a row is a feature's direction
     * @param bDec {@code [d_in]}
     * @param threshold {@code [d_sae]}; empty without thresholds
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of bulk, never compared
    record Weights(float[] wEnc, float[] bEnc, float[] wDec, float[] bDec, float[] threshold) {}

    /**
     * Takes the arrays over.
     *
     * @param centred whether the decoder's bias is taken from what is read; SAELens: {@code apply_b_dec_to_input}
     * @throws ShapeException if the arrays do not fit together
     */
    SparseAutoencoder(String hook, Activation activation, boolean centred, Weights weights) {
        this.hook = hook;
        this.activation = activation;
        this.centred = centred;
        this.weights = weights;
        int product = weights.bDec.length * weights.bEnc.length;
        int thresholds = activation instanceof Activation.JumpRelu ? weights.bEnc.length : 0;
        if (weights.wEnc.length != product
                || weights.wDec.length != product
                || weights.threshold.length != thresholds) {
            throw new ShapeException(
                    "An autoencoder of %d features of rows of %d numbers has %d numbers in W_enc, %d in W_dec and %d in threshold; %d, %d and %d fit."
                            .formatted(
                                    weights.bEnc.length,
                                    weights.bDec.length,
                                    weights.wEnc.length,
                                    weights.wDec.length,
                                    weights.threshold.length,
                                    product,
                                    product,
                                    thresholds));
        }
        if (activation instanceof Activation.TopK top && (top.k() < 1 || top.k() > weights.bEnc.length)) {
            throw new UsageException("k is %d, and the autoencoder has %d features. Use 1 to %d."
                    .formatted(top.k(), weights.bEnc.length, weights.bEnc.length));
        }
    }

    /**
     * Reads {@code cfg.json} and {@code sae_weights.safetensors} of a folder, as SAELens writes them: the architectures
     * {@code standard}, {@code topk} and {@code jumprelu}.
     *
     * @throws IOException if a file cannot be read
     * @throws org.lens4j.error.CheckpointException if the files are damaged, do not fit together, or say something this version
     *     would get wrong; names the key
     */
    public static SparseAutoencoder load(Path folder) throws IOException {
        return SaeFile.load(folder);
    }

    /**
     * Writes {@code cfg.json} and {@code sae_weights.safetensors}, for {@link #load} and for SAELens.
     *
     * @param folder made if it is missing
     * @param model the name of the model it is of, for SAELens
     * @throws IOException if a file cannot be written
     */
    public void save(Path folder, String model) throws IOException {
        SaeFile.save(this, folder, model);
    }

    /** The hook point it was trained on. */
    public String hook() {
        return hook;
    }

    /** Numbers in a row it reads. */
    public int dIn() {
        return weights.bDec.length;
    }

    /** How many features it has. */
    public int dSae() {
        return weights.bEnc.length;
    }

    /** From a feature's sum to its activation. */
    public Activation activation() {
        return activation;
    }

    /** Whether the decoder's bias is taken from what is read. */
    boolean isCentred() {
        return centred;
    }

    Weights weights() {
        return weights;
    }

    /**
     * What a feature adds to a reconstruction, for each unit of its activation.
     *
     * @return {@code [d_in]}, a copy
     * @throws RangeException if there is no such feature
     */
    public float[] decoder(int feature) {
        RangeException.index("feature", feature, dSae(), "The autoencoder of " + hook);
        return Arrays.copyOfRange(weights.wDec, feature * dIn(), (feature + 1) * dIn());
    }

    /**
     * What a feature looks for.
     *
     * @return {@code [d_in]}, a copy
     * @throws RangeException if there is no such feature
     */
    public float[] encoder(int feature) {
        RangeException.index("feature", feature, dSae(), "The autoencoder of " + hook);
        float[] column = new float[dIn()];
        for (int i = 0; i < column.length; i++) {
            column[i] = weights.wEnc[i * dSae() + feature];
        }
        return column;
    }

    /**
     * Activations of features.
     *
     * @param rows row-major {@code [row d_in]}
     * @return row-major {@code [row d_sae]}
     * @throws ShapeException if these are no whole rows
     */
    public float[] encode(float... rows) {
        try (Scope scope = Scope.root()) {
            SaeTensors tensors = SaeTensors.of(this, scope);
            NDArray x = scope.floats(rows, shape(rows, dIn()));
            return Autograd.recording(false, () -> tensors.acts(tensors.pre(x))).toFloatArray();
        }
    }

    /**
     * What activations of features stand for.
     *
     * @param acts row-major {@code [row d_sae]}
     * @return row-major {@code [row d_in]}
     * @throws ShapeException if these are no whole rows
     */
    public float[] decode(float... acts) {
        try (Scope scope = Scope.root()) {
            SaeTensors tensors = SaeTensors.of(this, scope);
            NDArray x = scope.floats(acts, shape(acts, dSae()));
            return Autograd.recording(false, () -> tensors.recons(x)).toFloatArray();
        }
    }

    private Shape shape(float[] numbers, int width) {
        if (numbers.length == 0 || numbers.length % width != 0) {
            throw new ShapeException("%d numbers are no whole rows of %d, which the autoencoder of %s needs."
                    .formatted(numbers.length, width, hook));
        }
        return new Shape(numbers.length / width, width);
    }

    @Override
    public String toString() {
        return "%s autoencoder of %s: %d features of %d numbers"
                .formatted(activation.architecture(), hook, dSae(), dIn());
    }
}
