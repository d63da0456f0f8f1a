package org.lens4j.error;

import java.util.concurrent.CancellationException;

/**
 * A run that was stopped because its thread was interrupted. What it had made is freed, its functions are gone, the model is
 * as it was. The thread stays interrupted, so that whoever owns it learns of it: a loop around runs ends too.
 */
public final class InterruptedRunException extends CancellationException implements Explained {
    private InterruptedRunException(String message) {
        super(message);
    }

    /**
     * Looks whether this thread was interrupted, between two steps of a run.
     *
     * @param place where the run is, for example {@code before block 3 of 12}
     * @throws InterruptedRunException if it was
     */
    public static void stopIfInterrupted(String place) {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedRunException(
                    "The run was interrupted %s. It left nothing behind, and the model is as it was. Run it again, after Thread.interrupted() if the thread is your own."
                            .formatted(place));
        }
    }

    /**
     * Looks whether this thread was interrupted, between two parameters that are read.
     *
     * @param model which is being loaded
     * @throws InterruptedRunException if it was
     */
    public static void stopLoadIfInterrupted(String model) {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedRunException(
                    "Loading %s was interrupted. What it had read is freed. Load it again, after Thread.interrupted() if the thread is your own."
                            .formatted(model));
        }
    }

    /**
     * Does a part of some longer work, which keeps what it has when it is interrupted.
     *
     * @return false if a run in it was interrupted; the thread still is
     */
    public static boolean completes(Runnable work) {
        try {
            work.run();
            return true;
        } catch (InterruptedRunException e) {
            return false;
        }
    }
}
