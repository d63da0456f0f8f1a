package org.lens4j.kernel.notebook;

import org.lens4j.error.Explained;

/** A notebook that cannot be read, run or written. The message is complete: which file, what was found, what to do. */
public final class NotebookException extends IllegalArgumentException implements Explained {
    /**
     * Takes a complete message.
     *
     * @param message which file, what was found in it, what to do
     */
    public NotebookException(String message) {
        super(message);
    }

    /**
     * Takes a complete message and the reason underneath.
     *
     * @param message which file, what was found in it, what to do
     * @param cause what the reader, the writer or the kernel said
     */
    public NotebookException(String message, Throwable cause) {
        super(message, cause);
    }
}
