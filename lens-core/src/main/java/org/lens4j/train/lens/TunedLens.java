package org.lens4j.train.lens;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.lens4j.analysis.logits.ResidualPoint;
import org.lens4j.analysis.logits.Translation;
import org.lens4j.config.ModelConfig;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.weights.Checkpoint;
import org.lens4j.weights.FloatReader;
import org.lens4j.weights.SafetensorsWriter;

/**
 * A tuned lens (Belrose et al., 2023): at each place the residual stream {@code x} is read as {@code x + x W + b}. On the heap;
 * nothing to close.
 *
 * <pre>{@code
 * TunedLens lens = TunedLensTraining.of(model, TrainConfig.of(250, 16, 64, 1e-3)).run(texts, progress -> {});
 * lens.save(Path.of("lens.safetensors"));
 * LensReading seen = LensReading.of(model, tokens, LensOptions.defaults().through(lens));
 * }</pre>
 */
public final class TunedLens implements Translation {
    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";

    private final int dModel;
    private final Map<String, Affine> maps;

    /**
     * What is added at one place.
     *
     * @param weight {@code [d_model d_model]}, row-major, from what is read to what is added
     * @param bias {@code [d_model]}
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of bulk, never compared
    record Affine(float[] weight, float[] bias) {}

    TunedLens(int dModel, Map<String, Affine> maps) {
        this.dModel = dModel;
        this.maps = Collections.unmodifiableMap(new LinkedHashMap<>(maps));
    }

    /**
     * A lens that adds nothing: the logit lens.
     *
     * @param points where it is to read; the last place needs no map
     */
    public static TunedLens identity(ModelConfig config, List<ResidualPoint> points) {
        int width = config.dModel();
        Map<String, Affine> maps = new LinkedHashMap<>();
        points.stream()
                .filter(it -> !it.isFinal())
                .forEach(it -> maps.put(it.label(), new Affine(new float[width * width], new float[width])));
        return new TunedLens(width, maps);
    }

    /** The places it has a map for, labelled as TransformerLens labels {@code accumulated_resid}. */
    public List<String> components() {
        return List.copyOf(maps.keySet());
    }

    @Override
    public NDArray apply(ResidualPoint point, NDArray residual, Scope scope) {
        Affine map = Optional.ofNullable(maps.get(point.label()))
                .orElseThrow(() -> UnknownNameException.of(
                        "place",
                        point.label(),
                        "this tuned lens",
                        maps.keySet(),
                        "It was trained without it; train another with withMiddles()."));
        NDArray weight = scope.floats(map.weight(), new Shape(dModel, dModel));
        NDArray bias = scope.floats(map.bias(), new Shape(dModel));
        return translated(residual, weight, bias);
    }

    /** {@code x + x W + b}, owned by x's manager. */
    static NDArray translated(NDArray residual, NDArray weight, NDArray bias) {
        return residual.add(Kernels.call("linear", residual, weight, bias));
    }

    /**
     * Writes it as safetensors: {@code 0_pre.weight [d_model d_model]}, {@code 0_pre.bias [d_model]}, and so on.
     *
     * @throws IOException if it cannot be written
     */
    public void save(Path file) throws IOException {
        Map<String, SafetensorsWriter.Floats> tensors = new LinkedHashMap<>();
        maps.forEach((label, map) -> {
            tensors.put(label + WEIGHT, new SafetensorsWriter.Floats(new long[] {dModel, dModel}, map.weight()));
            tensors.put(label + BIAS, new SafetensorsWriter.Floats(new long[] {dModel}, map.bias()));
        });
        SafetensorsWriter.write(file, tensors);
    }

    /**
     * Reads what {@link #save} wrote.
     *
     * @param config of the model it is for
     * @throws CheckpointException if the file is damaged, is no tuned lens, or one of a model of another shape
     */
    public static TunedLens load(Path file, ModelConfig config) {
        Checkpoint checkpoint = Checkpoint.open(file);
        Map<String, Affine> maps = new LinkedHashMap<>();
        List<String> known = ResidualPoint.withMiddles(config).stream()
                .filter(it -> !it.isFinal())
                .map(ResidualPoint::label)
                .filter(it -> checkpoint.has(it + WEIGHT) && checkpoint.has(it + BIAS))
                .toList();
        try (Scope scope = Scope.root()) {
            for (String label : known) {
                float[] weight = floats(checkpoint, label + WEIGHT, scope, config.dModel(), config.dModel());
                float[] bias = floats(checkpoint, label + BIAS, scope, config.dModel());
                maps.put(label, new Affine(weight, bias));
            }
        }
        if (maps.isEmpty() || maps.size() * 2 != checkpoint.names().size()) {
            throw new CheckpointException(
                    "%s is no tuned lens of this model: it has the tensors %s, and a lens has 0_pre.weight, 0_pre.bias and so on for %d layers. Give the file TunedLens.save wrote."
                            .formatted(
                                    file,
                                    checkpoint.names().stream().limit(4).collect(Collectors.joining(", ")),
                                    config.nLayers()));
        }
        return new TunedLens(config.dModel(), maps);
    }

    private static float[] floats(Checkpoint checkpoint, String name, Scope scope, long... shape) {
        NDArray read = FloatReader.copied(checkpoint, name, scope);
        if (!read.getShape().equals(new Shape(shape))) {
            throw new CheckpointException(
                    "%s of %s has shape %s, and this model needs %s. Is it the lens of another model?"
                            .formatted(name, checkpoint.file(), read.getShape(), new Shape(shape)));
        }
        return read.toFloatArray();
    }
}
