package org.lens4j.family;

import java.util.Set;

/**
 * An architecture: what its config.json means and where its parameters lie in a checkpoint. One can be written outside this
 * library, too.
 */
public interface Family {
    /** The values of config.json's {@code architectures} this family reads. */
    Set<String> architectures();

    /** Whether a config.json without {@code architectures} is this family's. */
    default boolean recognises(ConfigJson json) {
        return false;
    }

    /**
     * The model a config.json describes.
     *
     * @param json every key this family reads is taken from here; {@link ConfigJson} remembers which were
     * @throws org.lens4j.error.CheckpointException if a key is missing or has a value this family does not implement
     */
    Blueprint read(ConfigJson json);

    /** Keys that do not change the forward pass and are not common bookkeeping either. */
    Set<String> ignoredKeys();
}
