package org.lens4j.analysis.patching;

/** Told how far a sweep is, after every batch of patches, and asked whether it is to go on. */
public interface PatchListener {
    /** Takes the state. */
    void at(PatchProgress progress);

    /** Whether the sweep is to end before the next block. It ends so on an interrupt of its thread too. */
    default boolean stops() {
        return false;
    }

    /** Tells nobody. */
    static PatchListener none() {
        return progress -> {};
    }
}
