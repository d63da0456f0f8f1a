package org.lens4j.harvest;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * What a harvest came to.
 *
 * @param directory its files
 * @param index what they hold
 * @param wasThere whether all of them were there before this attempt, which then wrote nothing
 * @param seconds this attempt took
 */
public record Harvested(Path directory, HarvestIndex index, boolean wasThere, double seconds) {
    static final String COMPUTE_ERROR = "compute_error";

    /** Whether the whole corpus was run, or as much of it as the limit allows. */
    public boolean isComplete() {
        return index.isComplete();
    }

    /** How far bfloat16 was from float32 on the first contexts; empty if the harvest was computed in float32. */
    public Optional<String> computeError() {
        return index.remark(COMPUTE_ERROR);
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
        if (wasThere) {
            return "Nothing was left to harvest: %s were there already.".formatted(rows);
        }
        return isComplete()
                ? "Harvested %s.%s"
                        .formatted(
                                rows,
                                computeError()
                                        .map(" In bfloat16, %s."::formatted)
                                        .orElse(""))
                : "Stopped with %s, all of them whole. Start the same harvest again, and it goes on from there."
                        .formatted(rows);
    }
}
