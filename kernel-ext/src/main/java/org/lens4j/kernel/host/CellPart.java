package org.lens4j.kernel.host;

import java.util.Optional;
import org.lens4j.kernel.magic.MagicCall;

/** A stretch of a cell that runs as one: Java, or one magic. {@code line} counts from 0 in the cell. */
sealed interface CellPart {

    int line();

    /** Java source, with the magics inside its braces already turned into calls; lines are those of the cell. */
    record Java(String source, int line) implements CellPart {}

    /** One magic; {@code variable} is the name in {@code var name = %magic}. */
    record Magic(MagicCall call, Optional<String> variable, int line) implements CellPart {}
}
