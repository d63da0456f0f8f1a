package org.lens4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;

/** How much memory of this process was resident; only Linux counts that. */
final class PeakMemory {
    private static final Path STATUS = Path.of("/proc/self/status");

    private PeakMemory() {}

    /** Megabytes that were resident at the most since the process began; empty where the system does not say. */
    static OptionalDouble ofProcess() {
        try {
            return OptionalDouble.of(megabytes("VmHWM:"));
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
