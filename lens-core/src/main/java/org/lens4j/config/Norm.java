package org.lens4j.config;

/** A kind of normalisation. */
public enum Norm {
    /** Centre, divide by the standard deviation, scale and shift (Ba et al., 2016). */
    LAYER,
    /** Divide by the root of the mean square and scale (Zhang and Sennrich, 2019). */
    RMS,
    /** None: what it would read is passed on. */
    NONE
}
