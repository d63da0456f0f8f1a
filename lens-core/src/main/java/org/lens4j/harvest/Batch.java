package org.lens4j.harvest;

import java.util.List;

/**
 * Contexts that are run together.
 *
 * @param contexts of about the same length, at least one
 * @param place where a harvest goes on that has none of their rows yet
 */
record Batch(List<Context> contexts, Place place) {
    Batch {
        contexts = List.copyOf(contexts);
    }

    /** Tokens to run, without padding. */
    long tokens() {
        return contexts.stream().mapToLong(it -> it.ids().length).sum();
    }
}
