package org.lens4j.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lens4j.Fixtures;
import org.lens4j.hub.ModelFiles;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.text.Tokens;

/**
 * Loads a model in a JVM of its own and prints what Linux says about its memory.
 *
 * @param loaded how far the peak of resident memory rose during the load, in bytes
 * @param used the same after a run, too
 * @param seconds the load took
 * @param line what the other JVM printed
 */
record LoadGrowth(long loaded, long used, double seconds, String line) {
    /** Measures one load, {@code raw} or {@code processed}. */
    static LoadGrowth of(Path directory, String form) throws IOException, InterruptedException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = new ProcessBuilder(
                        java.toString(),
                        "@"
                                + Path.of("src/main/resources/org/lens4j/jvm.options")
                                        .toAbsolutePath(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LoadGrowth.class.getName(),
                        Fixtures.committed("gpt2").toAbsolutePath().toString(),
                        directory.toString(),
                        form)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertThat(process.waitFor()).as(line).isZero();
        return new LoadGrowth(
                1024 * (long) field(line, "growth_kB"),
                1024 * (long) field(line, "growth_with_a_run_kB"),
                field(line, "seconds"),
                line);
    }

    private static double field(String line, String name) {
        Matcher field = Pattern.compile("\\b" + name + "=([\\d.]+)").matcher(line);
        assertThat(field.find()).as(name + " in " + line).isTrue();
        return Double.parseDouble(field.group(1));
    }

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
                    "growth_kB=%d seconds=%.3f growth_with_a_run_kB=%d run_seconds=%.3f mapped=%d copied=%d%n%s%n",
                    peak - before,
                    seconds,
                    kilobytes("VmHWM:") - before,
                    (System.nanoTime() - firstRun) / 1e9,
                    loaded.report().tensors().mapped(),
                    loaded.report().tensors().copied(),
                    loaded.report().summary());
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
