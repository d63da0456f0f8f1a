package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelVerbTest {
    @Test
    void kernel_is_installed_under_a_prefix_and_removed_again(@TempDir Path prefix) throws IOException {
        Path json = prefix.resolve("share/jupyter/kernels/lens4j/kernel.json");
        MainTest.Ended installed = MainTest.lens("kernel", "install", "--prefix", prefix.toString());
        assertThat(installed.code()).as(installed.err()).isZero();
        assertThat(installed.out())
                .contains(prefix.resolve("share/jupyter/kernels/lens4j").toString());
        assertThat(Files.readString(json)).contains("{connection_file}");

        MainTest.Ended removed = MainTest.lens("kernel", "uninstall", "--prefix", prefix.toString());
        assertThat(removed.code()).isZero();
        assertThat(json).doesNotExist();
    }

    @Test
    void kernel_that_is_not_there_cannot_be_removed(@TempDir Path prefix) {
        MainTest.Ended ended = MainTest.lens("kernel", "uninstall", "--prefix", prefix.toString());
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).startsWith("There is no kernel lens4j in " + prefix);
    }

    @Test
    void only_one_place_can_be_named(@TempDir Path prefix) {
        MainTest.Ended ended = MainTest.lens("kernel", "install", "--user", "--prefix", prefix.toString());
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).contains("--user").contains("--prefix");
        assertThat(prefix).isEmptyDirectory();
    }

    @Test
    void kernel_alone_asks_what_to_do() {
        MainTest.Ended ended = MainTest.lens("kernel");
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).startsWith("Say what to do with the kernel: lens kernel install");
    }

    @Test
    void mistyped_place_names_the_closest() {
        assertThat(MainTest.lens("kernel", "install", "--sysprefix").err())
                .startsWith("Unknown option \"--sysprefix\" in lens kernel install.")
                .contains("--sys-prefix");
    }
}
