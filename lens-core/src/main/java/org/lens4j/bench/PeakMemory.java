package org.lens4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;

/** How far the resident memory of this process rises during some work; only Linux counts that. */
final class PeakMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path RESET = Path.of("/proc/self/clear_refs");

    private PeakMemory() {}

    /** Megabytes above what was resident before; empty where the system does not say. */
    static OptionalDouble during(Runnable work) {
        try {
            Files.writeString(RESET, "5");
            double before = megabytes("VmRSS:");
            work.run();
            return OptionalDouble.of(Math.max(0, megabytes("VmHWM:") - before));
        } catch (IOException e) {
            return OptionalDouble.empty();
        }
    }

    private static double megabytes(String field) throws IOException {
        return Files.readAllLines(STATUS).stream()
                        .filter(it -> it.startsWith(field))
                        .mapToLong(it -> Long.parseLong(it.replaceAll("\\D", "")))
                        .findFirst()
                        .orElseThrow(() -> new IOException(field + " is missing"))
                * 1024
                / 1e6;
    }
}
