package org.lens4j.viz;

import java.util.List;
import org.lens4j.analysis.circuits.SingularDirections;

/**
 * Singular directions of a weight as tokens: for each direction the tokens it raises and those it lowers, coloured by what it
 * does to their logits.
 *
 * <pre>{@code
 * Rendering shown = DirectionsView.of(SingularDirections.of(model, new WeightPlace.Ov(22, 10), 5, 10));
 * }</pre>
 */
public final class DirectionsView {
    private DirectionsView() {}

    /** All directions, strongest first. */
    public static Rendering of(SingularDirections directions) {
        TextTable table = new TextTable(List.of(TextTable.Side.RIGHT, TextTable.Side.RIGHT, TextTable.Side.LEFT));
        table.row("", "singular value", "raised | lowered");
        for (int i = 0; i < directions.directions().size(); i++) {
            table.row(
                    Integer.toString(i),
                    Numerals.significant(directions.directions().get(i).singularValue()),
                    directions.tokens(i));
        }
        return Rendering.of(directions.scores().title() + "\n" + table.text());
    }
}
