package org.lens4j.error;

/** A command, magic or option that was written wrongly. The message ends with how to write it. */
public final class UsageException extends IllegalArgumentException implements Explained {
    /**
     * Takes a complete message.
     *
     * @param message what was written, what is wrong with it, the right form
     */
    public UsageException(String message) {
        super(message);
    }
}
