package org.lens4j.analysis.patching;

/** Told how far a sweep is, after every batch of patches, and asked whether it is to go on. */
public interface PatchListener {
    /** Takes the state. */
    void at(PatchProgress progress);

    /** The sweep begins: nothing has been run yet. */
    default void began() {}

    /** The sweep is over: it is complete, it was stopped, or it failed. Told once for each that began. */
    default void ended() {}

    /** Whether the sweep is to end before the next block. It ends so on an interrupt of its thread too. */
    default boolean stops() {
        return false;
    }

    /** Tells nobody. */
    static PatchListener none() {
        return progress -> {};
    }
}
