package org.lens4j.error;

/** This machine cannot run the native library: no build for its system, or one that does not load. */
public final class PlatformException extends IllegalStateException implements Explained {
    /**
     * Takes a complete message.
     *
     * @param message what was found and which machines work
     */
    public PlatformException(String message) {
        super(message);
    }

    /**
     * Takes a complete message and the reason underneath.
     *
     * @param message what was found and which machines work
     * @param cause what the native loader said
     */
    public PlatformException(String message, Throwable cause) {
        super(message, cause);
    }
}
