package org.lens4j.error;

/** A tensor of another shape or type than the place asks for. The message names the axes. */
public final class ShapeException extends IllegalArgumentException implements Explained {
    /**
     * Takes a complete message.
     *
     * @param message what was asked, what was found, what to do
     */
    public ShapeException(String message) {
        super(message);
    }
}
