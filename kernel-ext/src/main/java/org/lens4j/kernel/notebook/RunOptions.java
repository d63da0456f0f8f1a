package org.lens4j.kernel.notebook;

import java.time.Duration;

/**
 * How a notebook is run.
 *
 * @param allowErrors whether to go on after a cell failed; cells tagged {@code raises-exception} or {@code expect-error}
 *     may fail either way
 * @param timeout how long one cell may take
 */
public record RunOptions(boolean allowErrors, Duration timeout) {
    /** Checks that there is time at all. */
    public RunOptions {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException(
                    "A cell's timeout is %s s; it must be more than 0.".formatted(timeout.toSeconds()));
        }
    }

    /** Stops at the first error and gives each cell ten minutes. */
    public static RunOptions defaults() {
        return new RunOptions(false, Duration.ofMinutes(10));
    }
}
