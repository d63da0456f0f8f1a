package org.lens4j.analysis.patching;

/**
 * A sweep before it is put on the metrics' scales. On the Java heap.
 *
 * @param site what was patched
 * @param levels the metrics without any patch
 * @param found those of every patch
 */
record Measured(String site, Levels levels, Sweep.Found found) {
    PatchResult result() {
        return levels.result(site, found);
    }
}
