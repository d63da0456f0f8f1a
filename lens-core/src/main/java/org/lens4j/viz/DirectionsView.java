package org.lens4j.viz;

import java.util.ArrayList;
import java.util.List;
import org.lens4j.analysis.circuits.SingularDirections;
import org.lens4j.analysis.circuits.SingularDirections.Direction;
import org.lens4j.analysis.circuits.SingularDirections.TokenScore;
import org.lens4j.text.TokenLabels;
import org.lens4j.viz.TextTable.Side;
import org.lens4j.viz.TokenLines.Line;
import org.lens4j.viz.TokenLines.Section;
import org.lens4j.viz.TokenLines.Word;

/**
 * Singular directions of a weight as tokens: for each direction the tokens it raises and those it lowers, coloured by what it
 * does to their logits.
 *
 * <pre>{@code
 * Rendering shown = DirectionsView.of(SingularDirections.of(model, new WeightPlace.Ov(22, 10), 5, 10));
 * }</pre>
 */
public final class DirectionsView {
    /** Directions whose tokens a notebook opens without delay. */
    private static final int MOST = 100;

    private DirectionsView() {}

    /** The directions, strongest first. */
    public static Rendering of(SingularDirections found) {
        List<Direction> shown =
                found.directions().subList(0, Math.min(MOST, found.directions().size()));
        List<String> notes = new ArrayList<>(
                List.of(
                        "Each direction has two ends: the tokens it raises most and those it lowers most. Beside it its singular value."));
        if (shown.size() < found.directions().size()) {
            notes.add("Shown: the first %d of %d directions."
                    .formatted(shown.size(), found.directions().size()));
        }
        Heading heading = Heading.of(found.scores().title(), notes, ColorScale.ofText(found.scores()), "logit");
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < shown.size(); i++) {
            String name =
                    "%d (%s)".formatted(i, Numerals.significant(shown.get(i).singularValue(), 3));
            lines.add(new Line(name + " ▲", words(shown.get(i).raised())));
            lines.add(new Line("▼", words(shown.get(i).lowered())));
        }
        TokenLines tokens = new TokenLines(List.of(new Section(heading, lines)));
        return Figure.of(alt(found), tokens.png(), text(found, shown), tokens.html())
                .rendering();
    }

    private static List<Word> words(List<TokenScore> scores) {
        return scores.stream()
                .map(score -> {
                    String token = TokenLabels.visible(score.text());
                    String tip =
                            "%s : %s\ntoken id %d".formatted(token, Numerals.significant(score.logit()), score.id());
                    return new Word(token, score.logit(), tip, false);
                })
                .toList();
    }

    private static String text(SingularDirections found, List<Direction> shown) {
        TextTable table = new TextTable(List.of(Side.RIGHT, Side.RIGHT, Side.LEFT));
        table.row("", "singular value", "raised | lowered");
        for (int i = 0; i < shown.size(); i++) {
            table.row(Integer.toString(i), Numerals.significant(shown.get(i).singularValue()), found.tokens(i));
        }
        return found.scores().title() + "\n" + table.text();
    }

    private static String alt(SingularDirections found) {
        return "%s: %d directions as the tokens they raise and lower. Strongest: %s."
                .formatted(found.scores().title(), found.directions().size(), found.tokens(0));
    }
}
