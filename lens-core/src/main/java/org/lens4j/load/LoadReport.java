package org.lens4j.load;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.lens4j.hub.FileSize;
import org.lens4j.hub.Origin;
import org.lens4j.process.Processing;

/**
 * The certificate of a loaded model: where it comes from, what was done to it, and whether it still says the same.
 *
 * @param name what the model is called
 * @param source where its files are and come from
 * @param family the architecture
 * @param parameters how many numbers the model has
 * @param rewrites what was done to the weights
 * @param tensors what became of the checkpoint's tensors
 * @param check what was measured on the spot; empty if it was left out or put off
 * @param time from the call to the finished model
 */
public record LoadReport(
        String name,
        Source source,
        String family,
        long parameters,
        Rewrites rewrites,
        Tensors tensors,
        Optional<SelfCheck> check,
        Duration time) {

    /**
     * Where a model comes from.
     *
     * @param directory of its files
     * @param origin the library, a folder, or the hub, with the commit
     * @param weights the files that hold its weights
     */
    public record Source(Path directory, Origin origin, List<WeightFile> weights) {
        /** Copies the list. */
        public Source {
            weights = List.copyOf(weights);
        }

        /** In words. */
        public String text() {
            if (origin instanceof Origin.Snapshot snapshot) {
                return "%s at commit %s".formatted(snapshot.id(), snapshot.commit());
            }
            return origin instanceof Origin.Embedded ? "the library itself" : directory.toString();
        }

        /** Bytes of all files with weights. */
        public long bytes() {
            return weights.stream().mapToLong(WeightFile::bytes).sum();
        }
    }

    /**
     * What was done to the weights.
     *
     * @param applied names of the rewrites they got, in order
     * @param skipped rewrites that were wanted and would have been wrong
     * @param off names of the rewrites that were not wanted
     */
    public record Rewrites(List<String> applied, List<Processing.Skipped> skipped, List<String> off) {
        /** Copies the lists. */
        public Rewrites {
            applied = List.copyOf(applied);
            skipped = List.copyOf(skipped);
            off = List.copyOf(off);
        }

        /** In one line. */
        public String text() {
            String done = applied.isEmpty() ? "raw, as in the file" : String.join(", ", applied);
            return skipped.isEmpty()
                    ? done
                    : done + "; skipped "
                            + skipped.stream().map(Processing.Skipped::toString).collect(Collectors.joining("; "));
        }
    }

    /**
     * What became of the checkpoint's tensors.
     *
     * @param types how their numbers are stored, by the names safetensors uses
     * @param mapped bytes that stay in the file until they are used
     * @param copied bytes that were read into memory, as float32
     * @param zeros parameters this architecture lacks, filled with zeros
     * @param ignored tensors that hold no parameter
     */
    public record Tensors(List<String> types, long mapped, long copied, List<String> zeros, List<String> ignored) {
        /** Copies the lists. */
        public Tensors {
            types = List.copyOf(types);
            zeros = List.copyOf(zeros);
            ignored = List.copyOf(ignored);
        }

        /** In one line. */
        public String text() {
            return "%s left in the file, %s read into memory".formatted(FileSize.of(mapped), FileSize.of(copied));
        }
    }

    /** This with a check that was made later. */
    LoadReport with(SelfCheck later) {
        return new LoadReport(name, source, family, parameters, rewrites, tensors, Optional.of(later), time);
    }

    /** The check in one line. */
    String checked() {
        return check.map(SelfCheck::line)
                .orElse(
                        tensors.mapped() > 0 && rewrites.applied().isEmpty()
                                ? "not made, because it would read every weight from the file; Pretrained.checked() makes it"
                                : "left out");
    }

    /** The report in three lines. */
    public String summary() {
        return String.format(
                Locale.ROOT,
                "%s: %s, %,d parameters, %s of %s in %.2f s from %s%nweights: %s; %s%nself-check %s",
                name,
                family,
                parameters,
                FileSize.of(source.bytes()),
                String.join("/", tensors.types()),
                time.toMillis() / 1e3,
                source.text(),
                rewrites.text(),
                tensors.text(),
                checked());
    }

    /** Everything, one item to a line; computes hashes that are not known yet. */
    public String full() {
        return ReportForms.text(this);
    }

    /** Everything as a JSON object; computes hashes that are not known yet. */
    public String toJson() {
        return ReportForms.json(this).toString();
    }
}
