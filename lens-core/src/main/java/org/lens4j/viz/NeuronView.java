package org.lens4j.viz;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.lens4j.analysis.circuits.NeuronExamples;
import org.lens4j.error.UsageException;
import org.lens4j.text.TokenLabels;
import org.lens4j.viz.TextTable.Side;
import org.lens4j.viz.TokenLines.Line;
import org.lens4j.viz.TokenLines.Section;
import org.lens4j.viz.TokenLines.Word;

/**
 * The texts on which a neuron is most active, each token coloured by the activation on it.
 *
 * <pre>{@code
 * Rendering shown = NeuronView.of(NeuronExamples.ofTexts(model, lines, List.of(new Neuron(3, 17)), 10, 8));
 * }</pre>
 */
public final class NeuronView {
    /** Together; more make a notebook slow to open. */
    private static final int MOST_TOKENS = 1200;

    private static final int TOKENS_NAMED = 8;

    private NeuronView() {}

    /** One neuron. */
    public static Rendering of(NeuronExamples examples) {
        return of(List.of(examples));
    }

    /**
     * Several neurons, each on its own scale: white for nothing, blue for its highest activation.
     *
     * @param examples at least one
     * @throws UsageException if there is none
     */
    public static Rendering of(List<NeuronExamples> examples) {
        if (examples.isEmpty()) {
            throw new UsageException(
                    "No neuron's texts were given. Look for at least one: NeuronExamples.ofTexts(..).");
        }
        int room = MOST_TOKENS / examples.size();
        TokenLines lines = new TokenLines(
                examples.stream().map(each -> section(each, room)).toList());
        String text = examples.stream().map(NeuronView::text).collect(Collectors.joining("\n\n"));
        String alt = examples.stream().map(NeuronView::alt).collect(Collectors.joining(" "));
        return Figure.of(alt, lines.png(), text, lines.html()).rendering();
    }

    private static Section section(NeuronExamples examples, int room) {
        List<Line> lines = new ArrayList<>();
        int tokens = 0;
        int places = 0;
        for (Passage passage : Passage.around(examples.places())) {
            tokens += passage.tokens().size();
            if (tokens > room && !lines.isEmpty()) {
                break;
            }
            lines.add(line(passage));
            places += passage.peaks().size();
        }
        float most = (float) examples.places().stream()
                .flatMap(place -> place.activations().stream())
                .mapToDouble(Float::doubleValue)
                .max()
                .orElse(0);
        float least = (float) examples.places().stream()
                .flatMap(place -> place.activations().stream())
                .mapToDouble(Float::doubleValue)
                .min()
                .orElse(0);
        List<String> notes = new ArrayList<>();
        notes.add("Underlined: where it is most active of %d positions. The number of a line is that of its strongest."
                .formatted(examples.positions()));
        String named = named(examples);
        if (!named.isEmpty()) {
            notes.add("Tokens it is most active on: " + named);
        }
        if (places < examples.places().size()) {
            notes.add("Shown: the first %d of %d places."
                    .formatted(places, examples.places().size()));
        }
        ColorScale scale = ColorScale.ofText(least, most);
        return new Section(Heading.of("Neuron " + examples.neuron().label(), notes, scale, "activation"), lines);
    }

    private static Line line(Passage passage) {
        List<Word> words = new ArrayList<>();
        for (int i = 0; i < passage.tokens().size(); i++) {
            String token = TokenLabels.visible(passage.tokens().get(i));
            float activation = passage.activations().get(i);
            int pos = passage.from() + i;
            String tip = "%s : %s\ntext %d, position %d"
                    .formatted(token, Numerals.significant(activation), passage.text(), pos);
            words.add(new Word(token, activation, tip, passage.peaks().contains(pos)));
        }
        return new Line(Numerals.significant(passage.activation(), 3), words);
    }

    private static String named(NeuronExamples examples) {
        // What is below 0 keeps it still.
        return examples.tokens().stream()
                .filter(token -> token.max() > 0)
                .limit(TOKENS_NAMED)
                .map(token ->
                        "%s %s".formatted(TokenLabels.visible(token.token()), Numerals.significant(token.max(), 3)))
                .collect(Collectors.joining(", "));
    }

    private static String text(NeuronExamples examples) {
        TextTable table = new TextTable(List.of(Side.RIGHT, Side.LEFT));
        examples.places().forEach(place -> table.row(Numerals.significant(place.activation(), 3), place.line()));
        return "Neuron %s, most active of %d positions:\n%s"
                .formatted(examples.neuron().label(), examples.positions(), table.text());
    }

    private static String alt(NeuronExamples examples) {
        return "Neuron %s: %d places in texts, each token coloured by the activation on it.%s"
                .formatted(
                        examples.neuron().label(),
                        examples.places().size(),
                        examples.places().stream()
                                .findFirst()
                                .map(place -> " Most active, %s: %s."
                                        .formatted(Numerals.significant(place.activation(), 3), place.line()))
                                .orElse(""));
    }
}
