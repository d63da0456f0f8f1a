package org.lens4j.harvest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Measures, so it is run by itself: {@code -DexcludedGroups=}. */
@Tag("bench")
@EnabledOnOs(OS.LINUX)
class HarvestMemoryTest {
    /**
     * How far the process may grow after its first third, in kilobytes, while its libraries warm up. The rows of the rest
     * would take half as much again if they were held; on the heap of 64 MB all rows together would not fit.
     */
    private static final long SLACK = 20_000;

    @Test
    void memory_does_not_grow_with_the_corpus_nor_with_a_file(@TempDir Path folder)
            throws IOException, InterruptedException {
        Path corpus = Harvests.corpus(folder, 10_000, 40);
        Process process =
                HarvestMain.start(corpus.toString(), folder.resolve("out").toString(), Integer.toString(1 << 20));
        List<Long> resident;
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            resident =
                    out.lines().map(it -> Long.parseLong(it.split(" ", -1)[1])).toList();
        }
        assertThat(process.waitFor()).isZero();
        int third = resident.size() / 3;
        long early =
                resident.subList(0, third).stream().mapToLong(it -> it).max().orElseThrow();
        long all = resident.stream().mapToLong(it -> it).max().orElseThrow();
        assertThat(all - early).isLessThan(SLACK);
    }
}
