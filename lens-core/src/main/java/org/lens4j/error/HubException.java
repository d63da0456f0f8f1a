package org.lens4j.error;

/**
 * A model that could not be had: neither in the local cache nor from the hub, because it is not there, not allowed, not
 * reachable, or because fetching it was stopped.
 */
public final class HubException extends RuntimeException implements Explained {
    /**
     * Takes a complete message.
     *
     * @param message which model, what was found, what to do
     */
    public HubException(String message) {
        super(message);
    }

    /**
     * Takes a complete message and the reason underneath.
     *
     * @param message which model, what was found, what to do
     * @param cause what the network or the disk said
     */
    public HubException(String message, Throwable cause) {
        super(message, cause);
    }
}
