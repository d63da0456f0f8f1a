package org.lens4j.kernel.session;

import java.util.List;

/**
 * What a session holds, and what is left.
 *
 * @param held models, then caches
 * @param heapUsed bytes of the Java heap that are in use
 * @param heapMost bytes it may grow to
 * @param free bytes that may still be taken on this machine
 */
public record MemoryUse(List<Held> held, long heapUsed, long heapMost, long free) {
    /** Copies the list. */
    public MemoryUse {
        held = List.copyOf(held);
    }

    /**
     * One thing of the session.
     *
     * @param kind model or cache
     * @param name what the session calls it
     * @param memory bytes of native memory
     * @param file bytes that stay in files until they are asked for
     */
    public record Held(String kind, String name, long memory, long file) {}

    /** Native memory of all together. */
    public long memory() {
        return held.stream().mapToLong(Held::memory).sum();
    }
}
