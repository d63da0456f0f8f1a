package org.lens4j.analysis.patching;

/**
 * Where a sweep is.
 *
 * @param done patches whose metrics are known
 * @param of patches in all
 */
public record PatchProgress(int done, int of) {
    /** Whether nothing is left to do. */
    public boolean isComplete() {
        return done == of;
    }

    @Override
    public String toString() {
        return "%d of %d patches".formatted(done, of);
    }
}
