package org.lens4j.load;

import org.lens4j.error.Advice;
import org.lens4j.error.LoadRefusedException;
import org.lens4j.hub.FileSize;

/**
 * What loading a model will take, known before anything large is read.
 *
 * @param name of the model
 * @param file bytes of the checkpoint
 * @param weights bytes of the parameters as float32
 * @param peak most bytes of native memory during the load; what stays mapped in the file is not counted
 * @param unprocessed the same if the weights were left as they are in the file
 * @param free bytes this process may still take
 */
public record LoadPlan(String name, long file, long weights, long peak, long unprocessed, long free) {
    /** What reading and rewriting need besides the weights. */
    static final long WORKING = 64L << 20;

    /** From here on people are told. */
    private static final long LARGE = 100_000_000;

    /** Whether there is enough memory. */
    public boolean fits() {
        return peak <= free;
    }

    /** Whether the model is large enough for its size to matter. */
    public boolean isLarge() {
        return weights >= LARGE;
    }

    /** The plan in one line. */
    public String line() {
        return "%s: %s of weights (%s in its files), %s of memory at the peak of loading, %s free"
                .formatted(name, FileSize.of(weights), FileSize.of(file), FileSize.of(peak), FileSize.of(free));
    }

    /**
     * Stops a load that would not fit.
     *
     * @throws LoadRefusedException if it would not; says what to do
     */
    void refuseIfTooLarge() {
        if (!fits()) {
            String raw = unprocessed < peak && unprocessed <= free
                    ? "Load it without processing (%s), which takes %s, close"
                            .formatted(Advice.RAW_WEIGHTS.text(), FileSize.of(unprocessed))
                    : "Close";
            throw new LoadRefusedException(
                    "Loading %s takes %s of memory at its peak, and %s are free, so it was not begun. %s other models or kernels, or choose a smaller model."
                            .formatted(name, FileSize.of(peak), FileSize.of(free), raw));
        }
    }
}
