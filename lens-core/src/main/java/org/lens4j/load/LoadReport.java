package org.lens4j.load;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What loading a model did.
 *
 * @param source the directory the files were in
 * @param family the architecture
 * @param parameters how many numbers the model has
 * @param bytesRead of the checkpoint
 * @param applied names of the rewrites the weights got, in order
 * @param skipped sentences about rewrites that were wanted and would have been wrong
 * @param zeros parameters this architecture lacks, filled with zeros
 * @param ignored tensors of the checkpoint that hold no parameter
 * @param time from the call to the finished model
 */
public record LoadReport(
        Path source,
        String family,
        long parameters,
        long bytesRead,
        List<String> applied,
        List<String> skipped,
        List<String> zeros,
        List<String> ignored,
        Duration time) {
    /** Copies the lists. */
    public LoadReport {
        applied = List.copyOf(applied);
        skipped = List.copyOf(skipped);
        zeros = List.copyOf(zeros);
        ignored = List.copyOf(ignored);
    }

    /** What was done to the weights, in one line. */
    public String treatment() {
        String done = applied.isEmpty() ? "raw, as in the file" : String.join(", ", applied);
        String left = skipped.isEmpty() ? "" : "; " + String.join(" ", skipped);
        return "%s%s; %d tensors left out as buffers, %d absent biases are zero"
                .formatted(done, left, ignored.size(), zeros.size());
    }

    /** The report in two lines. */
    public String summary() {
        return "%s, %,d parameters, %.1f MB read in %.2f s from %s%nweights: %s"
                .formatted(family, parameters, bytesRead / 1e6, time.toMillis() / 1e3, source, treatment());
    }
}
