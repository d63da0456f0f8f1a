package org.lens4j.viz;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.logits.LensReading;
import org.lens4j.analysis.logits.Prediction;
import org.lens4j.error.ShapeException;
import org.lens4j.text.TokenLabels;
import org.lens4j.viz.TokenLines.Line;
import org.lens4j.viz.TokenLines.Section;
import org.lens4j.viz.TokenLines.Word;

/**
 * A text whose tokens are coloured by a number each: a loss, an activation, an attribution. Several numbers for each token
 * are several lines of the same text.
 *
 * <pre>{@code
 * Rendering one = TokenView.of(loss);           // [pos]
 * Rendering heads = TokenView.of(scores);       // [head pos]
 * }</pre>
 */
public final class TokenView {
    /** More tokens than this make a notebook slow to open; the last ones are shown. */
    private static final int MOST = 1200;

    private static final int MOST_LINES = 40;
    private static final int TEXT_WIDTH = 110;

    private TokenView() {}

    /**
     * White is zero: to blue for numbers of one sign, blue above and red below for both.
     *
     * @param grid {@code [pos]}, or {@code [metric pos]} with anything as its first axis; the last axis's labels are the tokens
     * @throws ShapeException if it has another number of axes
     */
    public static Rendering of(Grid grid) {
        return of(grid, ColorScale.ofText(grid));
    }

    /**
     * On a given scale, for texts that are to be compared.
     *
     * @param grid {@code [pos]}, or {@code [metric pos]}
     * @param scale from number to colour
     * @throws ShapeException if it has another number of axes
     */
    public static Rendering of(Grid grid, ColorScale scale) {
        if (grid.rank() < 1 || grid.rank() > 2) {
            throw new ShapeException(
                    "Coloured tokens need the axes [pos] or [metric pos], \"%s\" has %s. Fix the others with slice(axis, index)."
                            .formatted(grid.title(), grid.shape()));
        }
        Axis tokens = grid.axes().get(grid.rank() - 1);
        Axis metrics = grid.rank() == 2 ? grid.axes().get(0) : new Axis("", List.of(""));
        int lines = Math.min(MOST_LINES, metrics.size());
        int from = Math.max(0, tokens.size() - MOST / Math.max(1, lines));
        List<String> notes = new ArrayList<>();
        if (lines < metrics.size()) {
            notes.add("Shown: the first %d of %d along %s.".formatted(lines, metrics.size(), metrics.name()));
        }
        if (from > 0) {
            notes.add("Shown: the last %d of %d tokens.".formatted(tokens.size() - from, tokens.size()));
        }
        float[] values = grid.values();
        List<Line> all = new ArrayList<>();
        for (int line = 0; line < lines; line++) {
            String name = metrics.labels().get(line).matches("\\d+")
                    ? metrics.name() + " " + line
                    : metrics.labels().get(line);
            List<Word> words = new ArrayList<>();
            for (int pos = from; pos < tokens.size(); pos++) {
                words.add(word(tokens.labels().get(pos), name, values[line * tokens.size() + pos]));
            }
            all.add(new Line(name, words));
        }
        return shown(new Section(Heading.of(grid.title(), notes, scale, grid.unit()), all));
    }

    private static Word word(String label, String name, float value) {
        String number = Float.isNaN(value) ? "" : " : " + Numerals.significant(value);
        return new Word(token(label), value, label + (name.isEmpty() ? "" : ", " + name) + number, false);
    }

    /** The token of a label, without its index: {@code ·Mary} of {@code 4·Mary}. */
    private static String token(String label) {
        String token = label.replaceFirst("^\\d+ ?", "");
        return token.isEmpty() ? label : token;
    }

    /**
     * How surprising each token of a prompt was to the model, with what it expected instead. The first token is a surprise to
     * nobody.
     *
     * @param reading its last component is what the model says in the end
     */
    public static Rendering of(LensReading reading) {
        int last = reading.lens().components().size() - 1;
        List<String> labels = reading.lens().positions().labels();
        Grid loss = reading.loss().slice("component", last);
        List<Word> words = new ArrayList<>(List.of(word(labels.get(0), "", Float.NaN)));
        for (int pos = 1; pos < labels.size(); pos++) {
            float surprise = loss.at(pos - 1);
            String expected = reading.lens().top().get(last).get(pos - 1).stream()
                    .map(TokenView::line)
                    .collect(Collectors.joining("\n"));
            String tip = "%s : %s nats, probability %s\nexpected\n%s"
                    .formatted(
                            labels.get(pos),
                            Numerals.significant(surprise, 3),
                            Numerals.fine((float) Math.exp(-surprise)),
                            expected);
            words.add(new Word(token(labels.get(pos)), surprise, tip, false));
        }
        Heading heading =
                Heading.of("How surprising each token was", List.of(), ColorScale.ofText(loss), "nats of surprise");
        return shown(new Section(heading, List.of(new Line("", words))));
    }

    private static String line(Prediction one) {
        return Numerals.probability(one.probability()) + "  " + TokenLabels.visible(one.token());
    }

    private static Rendering shown(Section section) {
        TokenLines lines = new TokenLines(List.of(section));
        Heading heading = section.heading();
        String words = section.lines().stream()
                .map(line ->
                        (line.name().isEmpty() ? "" : line.name() + "\n") + TokenLines.text(line.words(), TEXT_WIDTH))
                .collect(Collectors.joining("\n"));
        String text = "%s (%s)\n%s"
                .formatted(heading.title(), heading.legend().orElseThrow().unit(), words);
        String alt = "%s: a text of %d tokens, each coloured by %s.%s"
                .formatted(
                        heading.title(),
                        section.lines().get(0).words().size(),
                        heading.legend().orElseThrow().unit(),
                        strongest(section));
        return Figure.of(alt, lines.png(), text, lines.html()).rendering();
    }

    private static String strongest(Section section) {
        return section.lines().stream()
                .flatMap(line -> line.words().stream())
                .filter(word -> !Float.isNaN(word.value()))
                .max((one, other) -> Float.compare(Math.abs(one.value()), Math.abs(other.value())))
                .map(word -> " Strongest: %s, %s.".formatted(word.text(), Numerals.significant(word.value())))
                .orElse("");
    }
}
