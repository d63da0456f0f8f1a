package org.lens4j.error;

/** A model that would not fit into memory, refused before anything large was read. */
public final class LoadRefusedException extends RuntimeException implements Explained {
    /**
     * Takes a complete message.
     *
     * @param message which model, how much it needs and how much there is, what to do
     */
    public LoadRefusedException(String message) {
        super(message);
    }
}
