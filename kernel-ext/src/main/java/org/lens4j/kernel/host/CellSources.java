package org.lens4j.kernel.host;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Remembers which cell, and which line of it, every piece of Java came from. */
final class CellSources {
    private record Origin(CellText cell, int firstLine) {}

    private final Map<String, Origin> bySnippet = new HashMap<>();

    /** Notes a snippet by JShell's id; its text begins on {@code firstLine} of the cell, counted from 0. */
    void note(String id, CellText cell, int firstLine) {
        bySnippet.put(id, new Origin(cell, firstLine));
    }

    /** The place of a frame JShell has translated: file {@code #id}, line within the snippet. */
    Optional<CellText.Place> place(StackTraceElement frame) {
        String file = frame.getFileName();
        if (file == null || !file.startsWith("#")) {
            return Optional.empty();
        }
        return Optional.ofNullable(bySnippet.get(file.substring(1)))
                .map(o -> new CellText.Place(o.cell(), o.firstLine() + frame.getLineNumber()));
    }
}
