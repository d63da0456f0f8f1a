package org.lens4j.analysis.circuits;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.circuits.NeuronExamples.Neuron;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.Advice;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Slice;
import org.lens4j.text.TokenLabels;
import org.lens4j.text.Tokens;

/**
 * What neurons do on one text, token by token: their activations behind the activation function, {@code [neuron pos]}.
 *
 * <pre>{@code
 * Grid one = NeuronActivations.of(model, tokens, new NeuronExamples.Neuron(3, 17));
 * Grid five = NeuronActivations.strongest(model, tokens, 3, 5);
 * }</pre>
 */
public final class NeuronActivations {
    private NeuronActivations() {}

    /**
     * Chosen neurons.
     *
     * @param tokens one text, {@code [1 pos]}
     * @param neurons at least one
     * @return {@code [neuron pos]}
     * @throws RangeException if the model has no such neuron, or none is asked for
     * @throws org.lens4j.error.UsageException if its MLPs have no neurons of their own
     * @throws ShapeException if there are several texts
     */
    public static Grid of(HookedTransformer model, Tokens tokens, Neuron... neurons) {
        List<Neuron> all = List.of(neurons);
        NeuronExamples.requireNeurons(model, all);
        requireOneText(tokens);
        String[] names = all.stream().map(NeuronActivations::name).distinct().toArray(String[]::new);
        float[] values = new float[all.size() * tokens.pos()];
        try (ActivationCache cache = model.cache(tokens, names)) {
            for (int i = 0; i < neurons.length; i++) {
                float[] one = cache.get(name(neurons[i]), Map.of("d_mlp", Slice.at(neurons[i].neuron())))
                        .toFloatArray();
                System.arraycopy(one, 0, values, i * tokens.pos(), one.length);
            }
        }
        return grid("Activation of neurons", all, tokens, values);
    }

    /**
     * The neurons of a layer that are most active somewhere in the text.
     *
     * @param tokens one text, {@code [1 pos]}
     * @param count how many, at least 1
     * @return {@code [neuron pos]}, the most active first
     * @throws RangeException if there is no such layer, or no neuron is asked for
     */
    public static Grid strongest(HookedTransformer model, Tokens tokens, int layer, int count) {
        NeuronExamples.requireNeurons(model, List.of(new Neuron(layer, 0)));
        requireOneText(tokens);
        int width = model.config().dMlp();
        if (count < 1) {
            throw new RangeException(
                    "%d neurons of layer %d were asked for. Ask for 1 to %d.".formatted(count, layer, width));
        }
        int pos = tokens.pos();
        float[] all;
        String name = name(new Neuron(layer, 0));
        try (ActivationCache cache = model.cache(tokens, name)) {
            all = cache.get(name).toFloatArray();
        }
        List<Integer> best = IntStream.range(0, width)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer neuron) -> -highest(all, neuron, width, pos)))
                .limit(count)
                .toList();
        float[] values = new float[best.size() * pos];
        List<Neuron> neurons = new ArrayList<>();
        for (int i = 0; i < best.size(); i++) {
            neurons.add(new Neuron(layer, best.get(i)));
            for (int at = 0; at < pos; at++) {
                values[i * pos + at] = all[at * width + best.get(i)];
            }
        }
        return grid("The most active neurons of layer " + layer, neurons, tokens, values);
    }

    private static double highest(float[] all, int neuron, int width, int pos) {
        return IntStream.range(0, pos)
                .mapToDouble(at -> all[at * width + neuron])
                .max()
                .orElseThrow();
    }

    private static Grid grid(String title, List<Neuron> neurons, Tokens tokens, float[] values) {
        Axis rows = new Axis("neuron", neurons.stream().map(Neuron::label).toList());
        Axis columns = new Axis("pos", TokenLabels.labels(tokens.strings(0)));
        return new Grid(title, "activation", List.of(rows, columns), values);
    }

    private static String name(Neuron neuron) {
        return new HookName(HookPoint.MLP_POST, neuron.layer()).full();
    }

    private static void requireOneText(Tokens tokens) {
        if (tokens.batch() != 1) {
            throw new ShapeException("Activations are shown on one text, and %d were given. %s"
                    .formatted(tokens.batch(), Advice.ONE_TEXT.text()));
        }
    }
}
