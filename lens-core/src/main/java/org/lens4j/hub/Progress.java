package org.lens4j.hub;

import java.util.OptionalLong;

/** Told how far a download is, at most ten times a second, and once more when a file is complete. */
@FunctionalInterface
public interface Progress {
    /**
     * Takes the state of one file.
     *
     * @param file the name inside the model, for example {@code model.safetensors}
     * @param done bytes that are on the disk, those of an earlier attempt included
     * @param total bytes of the whole file, if the hub said it
     */
    void at(String file, long done, OptionalLong total);

    /** Tells nobody. */
    static Progress none() {
        return (file, done, total) -> {};
    }
}
