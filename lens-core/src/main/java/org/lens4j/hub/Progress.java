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

    /**
     * Told once for each file after all else: it is there and checked, or fetching it was stopped or failed.
     *
     * @param file as in {@link #at}
     */
    default void end(String file) {}

    /** Tells both. */
    default Progress and(Progress other) {
        Progress first = this;
        return new Progress() {
            @Override
            public void at(String file, long done, OptionalLong total) {
                first.at(file, done, total);
                other.at(file, done, total);
            }

            @Override
            public void end(String file) {
                first.end(file);
                other.end(file);
            }
        };
    }

    /** Tells nobody. */
    static Progress none() {
        return (file, done, total) -> {};
    }
}
