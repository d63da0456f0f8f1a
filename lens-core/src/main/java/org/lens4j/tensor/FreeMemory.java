package org.lens4j.tensor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** How much memory may be taken without the system having to stop somebody. */
@FunctionalInterface
public interface FreeMemory {
    /** Bytes. */
    long bytes();

    /** What this machine has: Linux's own estimate, within the limit of the container, or what the JVM is told elsewhere. */
    static FreeMemory ofMachine() {
        return () -> under(Path.of("/")).orElseGet(FreeMemory::ofJvm);
    }

    /**
     * What Linux's files say.
     *
     * @param root of the file system
     * @return empty where there are no such files
     */
    static OptionalLong under(Path root) {
        OptionalLong available = meminfo(root.resolve("proc/meminfo"));
        OptionalLong ofContainer = version2(root.resolve("sys/fs/cgroup"));
        OptionalLong limited = ofContainer.isPresent() ? ofContainer : version1(root.resolve("sys/fs/cgroup/memory"));
        return available.isPresent() && limited.isPresent()
                ? OptionalLong.of(Math.min(available.getAsLong(), limited.getAsLong()))
                : available;
    }

    private static OptionalLong meminfo(Path file) {
        OptionalLong kilobytes = field(file, "MemAvailable:");
        return kilobytes.isPresent() ? OptionalLong.of(kilobytes.getAsLong() * 1024) : kilobytes;
    }

    private static OptionalLong version2(Path group) {
        return within(number(group.resolve("memory.max")), number(group.resolve("memory.current")), group);
    }

    private static OptionalLong version1(Path group) {
        return within(
                number(group.resolve("memory.limit_in_bytes")), number(group.resolve("memory.usage_in_bytes")), group);
    }

    /** What is left of a limit; pages of files that nobody uses are given up first, so they count as free. */
    private static OptionalLong within(OptionalLong limit, OptionalLong used, Path group) {
        if (limit.isEmpty() || used.isEmpty()) {
            return OptionalLong.empty();
        }
        long unused = field(group.resolve("memory.stat"), "inactive_file").orElse(0);
        return OptionalLong.of(Math.max(0, limit.getAsLong() - used.getAsLong() + unused));
    }

    /** The number in a file of one word; empty for {@code max}. */
    private static OptionalLong number(Path file) {
        return numbers(file, "");
    }

    private static OptionalLong field(Path file, String name) {
        return numbers(file, name);
    }

    private static OptionalLong numbers(Path file, String name) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(String::strip)
                    .filter(it -> it.startsWith(name))
                    .map(it -> it.substring(name.length()).strip().split(" ", 2)[0])
                    .filter(it -> it.matches("\\d{1,18}"))
                    .mapToLong(Long::parseLong)
                    .findFirst();
        } catch (IOException | java.io.UncheckedIOException e) {
            return OptionalLong.empty();
        }
    }

    private static long ofJvm() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getFreeMemorySize()
                : Long.MAX_VALUE;
    }
}
