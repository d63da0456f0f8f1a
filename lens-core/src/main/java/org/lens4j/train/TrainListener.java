package org.lens4j.train;

/** Told how far a training is, after every step. */
@FunctionalInterface
public interface TrainListener {
    /** Takes the state. */
    void at(TrainProgress progress);

    /** The training begins: nothing has been read yet. */
    default void began() {}

    /** The training is over: all steps are done, it was interrupted, or it failed. Told once for each that began. */
    default void ended() {}

    /** Tells nobody. */
    static TrainListener none() {
        return progress -> {};
    }
}
