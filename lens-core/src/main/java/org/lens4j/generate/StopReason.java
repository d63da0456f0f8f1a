package org.lens4j.generate;

/** Why a row ended. */
public enum StopReason {
    /** The model said a token that ends a text. */
    END_OF_TEXT,
    /** One of the stop strings was written. */
    STOP_STRING,
    /** As many tokens as asked for were written. */
    LENGTH,
    /** The model reads no further: its context is full. */
    CONTEXT,
    /** Its thread was interrupted, or the listener had enough. */
    INTERRUPTED
}
