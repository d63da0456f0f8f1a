package org.lens4j.harvest;

/** Told how far a harvest is, after every batch, and asked whether it is to go on. */
public interface HarvestListener {
    /** Takes the state. */
    void at(HarvestProgress progress);

    /** The harvest begins: nothing has been read yet. */
    default void began() {}

    /** The harvest is over: it is complete, it was stopped, or it failed. Told once for each that began. */
    default void ended() {}

    /** Whether the harvest is to end before the next batch. It ends so on an interrupt of its thread too. */
    default boolean stops() {
        return false;
    }

    /** Tells nobody. */
    static HarvestListener none() {
        return progress -> {};
    }
}
