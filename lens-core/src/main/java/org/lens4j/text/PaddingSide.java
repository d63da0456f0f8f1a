package org.lens4j.text;

/** Where padding goes in a batch of sequences of different lengths. */
public enum PaddingSide {
    /** Before a sequence: last tokens stand in one column. */
    LEFT,
    /** Behind a sequence: first tokens stand in one column. */
    RIGHT
}
