package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** A notebook that stays open for a day: memory stays flat, no tensor is left, and the last result is the first. */
@EnabledOnOs(OS.LINUX)
class SteadyStateTest {
    /** Of resident memory, once the process is warm. */
    private static final double SLACK = 0.05;
    /** Measurements that count as warming up, 60 cells or 20 passes: the JIT compiler, fonts, and the allocator's pools. */
    private static final int WARM_UP = 10;

    /** One line of what the process prints. */
    private record Measured(String what, long resident, int tensors, long sum) {
        static Measured of(String line) {
            String[] words = line.split(" ", -1);
            return new Measured(
                    words[0], Long.parseLong(words[1]), Integer.parseInt(words[2]), Long.parseLong(words[3]));
        }
    }

    private static List<Measured> measure(int cells, int passes) throws IOException, InterruptedException {
        Process process = SteadyMain.start(cells, passes);
        List<Measured> lines;
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            lines = out.lines().map(Measured::of).toList();
        }
        assertThat(process.waitFor()).isZero();
        return lines;
    }

    private static void assertSteady(List<Measured> all, String what) {
        List<Measured> these = all.stream().filter(it -> it.what().equals(what)).toList();
        assertThat(these).hasSizeGreaterThan(WARM_UP);
        // From the second on: the first makes what stays, such as the compiled operators.
        assertThat(these.subList(1, these.size()))
                .extracting(Measured::tensors)
                .containsOnly(these.get(1).tensors());
        assertThat(these).extracting(Measured::sum).containsOnly(these.get(0).sum());
        List<Measured> warm = these.subList(WARM_UP, these.size());
        long least = warm.stream().mapToLong(Measured::resident).min().orElseThrow();
        long most = warm.stream().mapToLong(Measured::resident).max().orElseThrow();
        assertThat((double) (most - least) / least)
                .as("growth of %s, %,d to %,d kB", what, least, most)
                .isLessThan(SLACK);
    }

    private static void assertSteady(List<Measured> all) {
        assertSteady(all, "cells");
        assertSteady(all, "passes");
        Measured closed = all.get(all.size() - 1);
        // Of the library itself: the tags by which operators are called.
        assertThat(closed.what()).isEqualTo("closed");
        assertThat(closed.tensors()).isLessThan(200);
    }

    @Test
    void a_thousand_cells_and_two_hundred_passes_back_leave_nothing_behind() throws IOException, InterruptedException {
        assertSteady(measure(1_000, 200));
    }
}
