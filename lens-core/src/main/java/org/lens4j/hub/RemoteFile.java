package org.lens4j.hub;

import java.util.Optional;
import java.util.OptionalLong;

/** What the hub says about a file. */
sealed interface RemoteFile {
    /**
     * It is there.
     *
     * @param commit what the revision stands for
     * @param etag the hub's name of the bytes, a file name in the cache
     * @param size in bytes, if the hub said it
     */
    record Present(String commit, String etag, OptionalLong size) implements RemoteFile {}

    /**
     * The model has no such file.
     *
     * @param commit what the revision stands for, if the hub said it
     */
    record Absent(Optional<String> commit) implements RemoteFile {}
}
