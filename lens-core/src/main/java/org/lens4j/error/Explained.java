package org.lens4j.error;

/**
 * Marks an exception whose message is complete: what was asked, what was found, what to do. A notebook shows the message
 * as one readable block and leaves the stack trace out; a library user gets the stack trace as always.
 */
public interface Explained {}
