package org.lens4j.harvest;

import java.nio.file.Path;
import java.util.Locale;

/**
 * What a harvest came to.
 *
 * @param directory its files
 * @param index what they hold
 * @param seconds this attempt took
 */
public record Harvested(Path directory, HarvestIndex index, double seconds) {
    /** Whether the whole corpus was run, or as much of it as the limit allows. */
    public boolean isComplete() {
        return index.isComplete();
    }

    @Override
    public String toString() {
        String rows = String.format(
                Locale.ROOT,
                "%,d rows of %d %s in %d %s of %s",
                index.rows(),
                index.hooks().size(),
                index.hooks().size() == 1 ? "hook point" : "hook points",
                index.shards().size(),
                index.shards().size() == 1 ? "file" : "files",
                directory);
        return isComplete()
                ? "Harvested %s.".formatted(rows)
                : "Stopped with %s, all of them whole. Start the same harvest again, and it goes on from there."
                        .formatted(rows);
    }
}
