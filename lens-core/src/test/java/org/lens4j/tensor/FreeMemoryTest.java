package org.lens4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FreeMemoryTest {
    private static final long NO_LIMIT_OF_VERSION_1 = 9_223_372_036_854_771_712L;

    @TempDir
    private Path root;

    private void file(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void available(long kilobytes) throws IOException {
        file("proc/meminfo", "MemTotal:  900 kB\nMemFree:  100 kB\nMemAvailable:   %d kB\n".formatted(kilobytes));
    }

    @Test
    void linux_says_what_is_available() throws IOException {
        available(500);
        assertThat(FreeMemory.under(root)).hasValue(500 * 1024);
    }

    @Test
    void the_limit_of_a_container_counts_where_it_is_lower() throws IOException {
        available(500);
        file("sys/fs/cgroup/memory.max", "300000\n");
        file("sys/fs/cgroup/memory.current", "200000\n");
        assertThat(FreeMemory.under(root)).hasValue(100_000);
        file("sys/fs/cgroup/memory.stat", "anon 1\ninactive_file 50000\nactive_file 9\n");
        assertThat(FreeMemory.under(root)).as("pages of files are given up").hasValue(150_000);
        available(120);
        assertThat(FreeMemory.under(root)).hasValue(120 * 1024);
    }

    @Test
    void a_container_without_a_limit_changes_nothing() throws IOException {
        available(500);
        file("sys/fs/cgroup/memory.max", "max\n");
        file("sys/fs/cgroup/memory.current", "200000\n");
        assertThat(FreeMemory.under(root)).hasValue(500 * 1024);
    }

    @Test
    void the_older_kind_of_limit_is_read_too() throws IOException {
        available(500);
        file("sys/fs/cgroup/memory/memory.usage_in_bytes", "200000\n");
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", Long.toString(NO_LIMIT_OF_VERSION_1));
        assertThat(FreeMemory.under(root)).hasValue(500 * 1024);
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "210000");
        assertThat(FreeMemory.under(root)).hasValue(10_000);
    }

    @Test
    void a_system_without_such_files_asks_the_jvm() {
        assertThat(FreeMemory.under(root)).isEqualTo(OptionalLong.empty());
        assertThat(FreeMemory.ofMachine().bytes()).isPositive();
    }
}
