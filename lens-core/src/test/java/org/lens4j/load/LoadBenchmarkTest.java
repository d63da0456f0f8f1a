package org.lens4j.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * How much memory and time loading takes, on a checkpoint of GPT-2 small's shape that is written first. Runs when it is
 * told where to write: {@code mvn -pl lens-core test -Dtest=LoadBenchmarkTest -Dlens.bench=DIR}.
 */
@EnabledOnOs(OS.LINUX)
@EnabledIfSystemProperty(named = "lens.bench", matches = ".+")
class LoadBenchmarkTest {
    @ParameterizedTest
    @CsvSource({"processed, 1.3", "raw, 0.15"})
    void memory_grows_at_most_by_so_many_times_the_checkpoint(String form, double most)
            throws IOException, InterruptedException {
        Path directory = Path.of(System.getProperty("lens.bench"), "gpt2-small-shape");
        Path weights = directory.resolve("model.safetensors");
        if (Files.notExists(weights)) {
            RandomCheckpoint.GPT2_SMALL.write(directory);
        }
        double cat = seconds(weights);
        LoadGrowth growth = LoadGrowth.of(directory, form);
        double size = Files.size(weights);
        System.out.printf(
                Locale.ROOT,
                "%s: %.3f x the checkpoint of %.0f MB (with a run: %.3f x), %.2f s; cat takes %.2f s%n%s%n",
                form,
                growth.loaded() / size,
                size / 1e6,
                growth.used() / size,
                growth.seconds(),
                cat,
                growth.line());
        assertThat(growth.loaded() / size).isLessThan(most);
    }

    /** What {@code cat FILE > /dev/null} takes. */
    private static double seconds(Path file) throws IOException {
        long start = System.nanoTime();
        try (InputStream in = Files.newInputStream(file)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return (System.nanoTime() - start) / 1e9;
    }
}
