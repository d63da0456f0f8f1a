package org.lens4j.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A small form of {@link LoadBenchmarkTest} that always runs; what a load needs in any case weighs more here. */
@EnabledOnOs(OS.LINUX)
class LoadMemoryTest {
    private static final RandomCheckpoint SHAPE = new RandomCheckpoint(3, 512, 8000, 512);

    @TempDir
    private static Path folder;

    @BeforeAll
    static void write() throws IOException {
        SHAPE.write(folder);
    }

    private static double growth(String form) throws IOException, InterruptedException {
        return LoadGrowth.of(folder, form).loaded() / (double) Files.size(folder.resolve("model.safetensors"));
    }

    @Test
    void raw_weights_are_not_read_before_they_are_used() throws IOException, InterruptedException {
        assertThat(growth("raw")).isLessThan(0.15);
    }

    @Test
    void processed_weights_are_never_in_memory_twice() throws IOException, InterruptedException {
        assertThat(growth("processed")).isLessThan(1.7);
    }
}
