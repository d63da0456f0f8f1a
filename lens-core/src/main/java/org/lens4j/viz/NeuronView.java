package org.lens4j.viz;

import java.util.List;
import java.util.stream.Collectors;
import org.lens4j.analysis.circuits.NeuronExamples;

/**
 * The texts on which a neuron is most active, each token coloured by the activation on it.
 *
 * <pre>{@code
 * Rendering shown = NeuronView.of(NeuronExamples.ofTexts(model, lines, List.of(new Neuron(3, 17)), 10, 8));
 * }</pre>
 */
public final class NeuronView {
    private NeuronView() {}

    /** One neuron. */
    public static Rendering of(NeuronExamples examples) {
        return of(List.of(examples));
    }

    /**
     * Several neurons, each on its own scale.
     *
     * @param examples at least one
     */
    public static Rendering of(List<NeuronExamples> examples) {
        return Rendering.of(examples.stream().map(NeuronView::text).collect(Collectors.joining("\n\n")));
    }

    private static String text(NeuronExamples examples) {
        TextTable table = TextTable.of(2, TextTable.Side.LEFT);
        examples.places().forEach(place -> table.row(Numerals.significant(place.activation()), place.line()));
        return "%s, most active of %d positions:\n%s"
                .formatted(examples.neuron().label(), examples.positions(), table.text());
    }
}
