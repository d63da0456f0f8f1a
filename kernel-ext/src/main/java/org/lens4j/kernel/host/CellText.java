package org.lens4j.kernel.host;

import java.util.ArrayList;
import java.util.List;

/** A cell as its author wrote it: the number in the brackets beside it, and its source. */
record CellText(int number, String source) {
    private static final int CONTEXT = 2;

    /** A line of a cell; {@code line} counts from 1, as people do. */
    record Place(CellText cell, int line) {
        @Override
        public String toString() {
            return "cell %d, line %d".formatted(cell.number(), line);
        }

        /** The line itself, without the blanks around it. */
        String text() {
            List<String> lines = cell.source().lines().toList();
            return line >= 1 && line <= lines.size() ? lines.get(line - 1).strip() : "";
        }

        /** Whether a reader has to be told which line it is; source no cell shows has none. */
        boolean isOneOfSeveral() {
            return cell.number() > 0
                    && cell.source().lines().filter(it -> !it.isBlank()).count() > 1;
        }

        /** The line with an arrow between its neighbours; {@code under} comes right below it. */
        List<String> excerpt(List<String> under) {
            List<String> lines = cell.source().lines().toList();
            List<String> shown = new ArrayList<>();
            for (int n = Math.max(1, line - CONTEXT); n <= Math.min(lines.size(), line + CONTEXT); n++) {
                shown.add("%s %3d  %s"
                        .formatted(n == line ? "-->" : "   ", n, lines.get(n - 1))
                        .stripTrailing());
                if (n == line) {
                    under.forEach(text -> shown.add("         " + text));
                }
            }
            return shown;
        }
    }
}
