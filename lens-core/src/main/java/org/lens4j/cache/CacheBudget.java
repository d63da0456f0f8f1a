package org.lens4j.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.lens4j.error.RangeException;
import org.lens4j.tensor.FreeMemory;

/**
 * How much native memory a cache may take. What does not fit lies in a temporary file and is read back when it is asked for;
 * the file goes with the cache.
 *
 * <pre>{@code
 * RunOptions.defaults().withCached("*").withCacheBudget(CacheBudget.ofMegabytes(500))
 * }</pre>
 *
 * @param limit in bytes; empty for a share of the memory that is free when the cache has become large
 * @param folder for the temporary file; empty for the system's, or {@code /var/tmp} where the system's is itself in memory
 */
public record CacheBudget(OptionalLong limit, Optional<Path> folder) {
    /** A cache smaller than this never asks how much memory is free. */
    static final long SMALL = 64L << 20;

    private static final int SHARE_OF_FREE = 2;

    /** Refuses negative limits. */
    public CacheBudget {
        if (limit.isPresent() && limit.getAsLong() < 0) {
            throw new RangeException("A cache has a budget of %d bytes. Give 0 or more.".formatted(limit.getAsLong()));
        }
    }

    /** Half of the memory that is free when the cache has become large. */
    public static CacheBudget ofMachine() {
        return new CacheBudget(OptionalLong.empty(), Optional.empty());
    }

    /** So many bytes; with 0 every activation lies in the file but the one that is looked at. */
    public static CacheBudget ofBytes(long bytes) {
        return new CacheBudget(OptionalLong.of(bytes), Optional.empty());
    }

    /** So many megabytes of 1,000,000 bytes. */
    public static CacheBudget ofMegabytes(long megabytes) {
        return ofBytes(Math.multiplyExact(megabytes, 1_000_000L));
    }

    /** Native memory without end: nothing is ever put into a file. */
    public static CacheBudget unlimited() {
        return ofBytes(Long.MAX_VALUE);
    }

    /** The same with its temporary file in that folder, which must be there. */
    public CacheBudget in(Path place) {
        return new CacheBudget(limit, Optional.of(place));
    }

    /** What it comes to now, in bytes. */
    public long bytes() {
        return limit.orElseGet(() -> SMALL + FreeMemory.ofMachine().bytes() / SHARE_OF_FREE);
    }

    /** Where the temporary file goes. */
    Path place() {
        return folder.orElseGet(() -> {
            Path usual = Path.of(System.getProperty("java.io.tmpdir"));
            Path onDisk = Path.of("/var/tmp");
            return inMemory(usual) && Files.isWritable(onDisk) && !inMemory(onDisk) ? onDisk : usual;
        });
    }

    private static boolean inMemory(Path folder) {
        try {
            return Files.getFileStore(folder).type().equals("tmpfs");
        } catch (IOException e) {
            return false;
        }
    }
}
