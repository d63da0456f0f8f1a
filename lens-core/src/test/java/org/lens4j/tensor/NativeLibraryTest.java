package org.lens4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.error.PlatformException;

class NativeLibraryTest {
    @ParameterizedTest
    @CsvSource({
        "Linux, amd64, linux-x86_64",
        "Linux, aarch64, linux-aarch64",
        "Mac OS X, aarch64, osx-aarch64",
        "Windows 11, amd64, win-x86_64"
    })
    void each_supported_machine_has_its_library(String os, String arch, String classifier) {
        assertThat(NativeLibrary.classifier(os, arch)).isEqualTo(classifier);
    }

    @ParameterizedTest
    @CsvSource({"Mac OS X, x86_64", "Linux, riscv64", "Windows 11, aarch64", "FreeBSD, amd64"})
    void a_machine_without_one_gets_a_sentence(String os, String arch) {
        assertThatThrownBy(() -> NativeLibrary.classifier(os, arch))
                .isInstanceOf(PlatformException.class)
                .hasMessageContaining("not published for " + os + " on " + arch)
                .hasMessageContaining("Linux x86-64, Linux arm64, macOS on Apple silicon and Windows x86-64");
    }

    @Test
    void the_options_are_bare_and_forbid_downloads() {
        List<String> options = NativeLibrary.jvmOptions();
        assertThat(options)
                .allMatch(it -> it.startsWith("-"))
                .contains("-Dai.djl.offline=true", "-Djava.awt.headless=true", "--enable-native-access=ALL-UNNAMED");
    }

    @Test
    void hyper_threads_of_one_core_count_once() {
        assertThat(NativeLibrary.coreIds(List.of(
                        "physical id\t: 0",
                        "core id\t\t: 0",
                        "physical id\t: 0",
                        "core id\t\t: 1",
                        "physical id\t: 0",
                        "core id\t\t: 0",
                        "physical id\t: 1",
                        "core id\t\t: 0")))
                .isEqualTo(3);
        assertThat(NativeLibrary.coreIds(List.of("processor : 0"))).isZero();
        assertThat(NativeLibrary.realCores()).isBetween(1, Runtime.getRuntime().availableProcessors());
    }
}
