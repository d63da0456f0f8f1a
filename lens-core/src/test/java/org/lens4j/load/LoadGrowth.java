package org.lens4j.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.lens4j.hub.ModelFiles;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.text.Tokens;

/** Loads a model in a JVM of its own and prints what Linux says about its memory. */
final class LoadGrowth {
    private LoadGrowth() {}

    /**
     * Measures one load.
     *
     * @param args the directory of a model to begin with, so that libtorch and the classes are there; the directory of the
     *     model to measure; {@code raw} or {@code processed}
     */
    public static void main(String[] args) throws IOException {
        LoadOptions options = args[2].equals("raw") ? LoadOptions.defaults().noProcessing() : LoadOptions.defaults();
        Pretrained.load(ModelFiles.ofDirectory(Path.of(args[0])), options)
                .model()
                .close();
        System.gc();
        // Sets the peak back to what is resident now.
        Files.writeString(Path.of("/proc/self/clear_refs"), "5");
        long before = kilobytes("VmRSS:");
        long start = System.nanoTime();
        Pretrained loaded = Pretrained.load(ModelFiles.ofDirectory(Path.of(args[1])), options);
        double seconds = (System.nanoTime() - start) / 1e9;
        long peak = kilobytes("VmHWM:");
        try (HookedTransformer model = loaded.model()) {
            long firstRun = System.nanoTime();
            try (Run run = model.run(Tokens.of(new long[] {1, 2, 3, 4, 5, 6, 7, 8}))) {
                run.logits().getFloat(0, 0, 0);
            }
            System.out.printf(
                    Locale.ROOT,
                    "growth_kB=%d seconds=%.3f first_run_seconds=%.3f peak_after_run_kB=%d%n",
                    peak - before,
                    seconds,
                    (System.nanoTime() - firstRun) / 1e9,
                    kilobytes("VmHWM:") - before);
        }
    }

    private static long kilobytes(String field) {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(it -> it.startsWith(field))
                    .mapToLong(it ->
                            Long.parseLong(it.substring(field.length()).strip().split(" ", -1)[0]))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
