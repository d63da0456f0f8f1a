package org.lens4j.error;

/** A call that comes too early or too late: no model loaded, no prompt set, a cache already closed. */
public final class StateException extends IllegalStateException implements Explained {
    /**
     * Takes a complete message.
     *
     * @param message what was asked, what is missing, what to do first
     */
    public StateException(String message) {
        super(message);
    }
}
