package org.lens4j.hub;

/** Where a model's files come from. */
public sealed interface Origin {
    /** The model inside this library. */
    record Embedded() implements Origin {}

    /** A directory of the caller's. */
    record Folder() implements Origin {}

    /**
     * A model of the hub, in the local cache.
     *
     * @param id its name on the hub
     * @param revision what was asked for
     * @param commit what that stands for
     */
    record Snapshot(ModelId id, Revision revision, String commit) implements Origin {}
}
