package org.lens4j.train;

import java.util.ArrayList;
import java.util.List;

/** A listener of a training that keeps what it is told, and interrupts its thread after a step. */
public final class ToldTraining implements TrainListener {
    private final int last;
    private final List<String> events = new ArrayList<>();

    /**
     * Keeps what it is told.
     *
     * @param last the step that is interrupted; 0 for none
     */
    public ToldTraining(int last) {
        this.last = last;
    }

    @Override
    public void began() {
        events.add("began");
    }

    @Override
    public void at(TrainProgress progress) {
        events.add("step " + progress.step());
        if (progress.step() == last) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void ended() {
        events.add("ended");
    }

    /** In their order. */
    public List<String> events() {
        return List.copyOf(events);
    }
}
