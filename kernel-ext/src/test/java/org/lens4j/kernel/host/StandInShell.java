package org.lens4j.kernel.host;

import org.jspecify.annotations.Nullable;

/** Java in the cells of a kernel that stands in for another one. */
public final class StandInShell {
    private final JavaCells cells = new JavaCells(
            new LiveExecution.Gate() {
                @Override
                public void enter() {}

                @Override
                public void leave() {}
            },
            () -> false);

    /** The live value of the last expression; throws what the code threw, or what the compiler says. */
    public @Nullable Object eval(String source) throws Exception {
        try {
            return cells.run(new CellPart.Java(source, 0), new CellText(0, source))
                    .orElse(null);
        } catch (CellFailure failure) {
            throw failure.getCause() instanceof Exception thrown
                    ? thrown
                    : new IllegalArgumentException(String.join("\n", failure.lines()));
        }
    }
}
