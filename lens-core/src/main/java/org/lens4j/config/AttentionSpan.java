package org.lens4j.config;

/** How far back a layer's attention looks. */
public sealed interface AttentionSpan {
    /** Every earlier position and the query's own. */
    record Global() implements AttentionSpan {}

    /**
     * The query's own position and the {@code window - 1} before it.
     *
     * @param window how many keys a query sees, at least 1
     */
    record Local(int window) implements AttentionSpan {
        /** Checks the window. */
        public Local {
            if (window < 1) {
                throw new IllegalArgumentException("A local attention window must be at least 1, not " + window + ".");
            }
        }
    }
}
