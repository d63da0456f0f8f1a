package org.lens4j.viz;

import org.lens4j.analysis.Axis;

/** The word for an axis where a place is named: {@code layer 1}, {@code position 10·Mary}. */
final class AxisWord {
    private AxisWord() {}

    /** What stands before a label, with its space; empty for an axis without a name. */
    static String before(Axis axis) {
        String word =
                switch (axis.name()) {
                    case "pos" -> "position";
                    case "query_pos" -> "query";
                    case "key_pos" -> "key";
                    default -> axis.name().replace('_', ' ');
                };
        return word.isEmpty() ? "" : word + " ";
    }
}
