package org.lens4j.error;

/** Files that cannot be read as a model: damaged, incomplete, unsafe, or of a kind this library does not know. */
public final class CheckpointException extends RuntimeException implements Explained {
    /**
     * Takes a complete message.
     *
     * @param message which file, what was found in it, what to do
     */
    public CheckpointException(String message) {
        super(message);
    }

    /**
     * Takes a complete message and the reason underneath.
     *
     * @param message which file, what was found in it, what to do
     * @param cause what the reader of the file said
     */
    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }
}
