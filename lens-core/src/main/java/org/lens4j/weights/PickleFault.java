package org.lens4j.weights;

import java.nio.file.Path;
import org.lens4j.error.CheckpointException;

/**
 * What is said of a {@code torch.save} file that is not read.
 *
 * @param file for the messages
 */
record PickleFault(Path file) {
    private static final int LONGEST_NAME = 120;

    /** It is not what torch.save writes. */
    CheckpointException damaged(String found) {
        return new CheckpointException(
                "%s is not a whole torch.save file: %s. Copy or download it again.".formatted(file, found));
    }

    /** It wants something that data does not need. */
    CheckpointException unsafe(String name) {
        return new CheckpointException(("%s refers to %s, which a state dict does not need; it was not run."
                        + " If you trust the file, open it in Python and save torch.save(model.state_dict(), FILE).")
                .formatted(file, printable(name)));
    }

    /** A name from the file, made fit for a message. */
    static String printable(String name) {
        StringBuilder shown = new StringBuilder();
        name.codePoints()
                .limit(LONGEST_NAME)
                .map(it -> Character.isLetterOrDigit(it) || (it >= ' ' && it < 127) ? it : '?')
                .forEach(shown::appendCodePoint);
        return name.codePointCount(0, name.length()) > LONGEST_NAME ? shown + "..." : shown.toString();
    }
}
