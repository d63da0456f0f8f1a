package org.lens4j.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.error.UsageException;

/** Asking Maven for the jars of a library. */
class MavenRunTest {
    @TempDir
    private Path folder;

    /** A program in Maven's place that shows what it was asked, and answers as told. */
    private MavenRun answering(String shell) throws IOException {
        Path program = Files.writeString(folder.resolve("mvn"), "#!/bin/sh\n" + shell + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        return new MavenRun(List.of(program.toString()));
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void it_asks_for_the_libraries_and_reads_the_class_path() throws Exception {
        MavenRun maven = answering(
                "cp pom.xml " + folder.resolve("asked.xml") + "; printf /m2/a.jar:/m2/b.jar > class-path.txt");
        assertThat(maven.classPath(List.of("g:a:1.0", "g:b:jar:tests:2"), List.of("https://example.org/r?a&b")))
                .containsExactly(Path.of("/m2/a.jar"), Path.of("/m2/b.jar"));
        assertThat(folder.resolve("asked.xml"))
                .content()
                .contains("<groupId>g</groupId><artifactId>a</artifactId><version>1.0</version></dependency>")
                .contains(
                        "<artifactId>b</artifactId><version>2</version><type>jar</type><classifier>tests</classifier>")
                .contains("<url>https://example.org/r?a&amp;b</url>");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void what_maven_cannot_find_is_told_in_its_words() throws IOException {
        MavenRun maven = answering(
                "echo '[ERROR] Failed to execute goal: Could not find artifact g:a:jar:1.0 in central'; echo '[ERROR] -> [Help 1]'; exit 1");
        assertThatThrownBy(() -> maven.classPath(List.of("g:a:1.0"), List.of()))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "%maven did not get g:a:1.0. Maven says:%nFailed to execute goal: Could not find artifact g:a:jar:1.0 in central"
                                .replace("%n", System.lineSeparator()));
    }

    @Test
    void a_machine_without_maven_is_told_what_to_install() {
        assertThatThrownBy(() -> new MavenRun(List.of("no-such-mvn")).classPath(List.of("g:a:1.0"), List.of()))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("%maven runs Maven, and \"no-such-mvn\" does not start: ")
                .hasMessageContaining("Install Maven 3.8 or newer");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void an_interrupt_ends_maven() throws Exception {
        MavenRun maven = answering("exec sleep 1000");
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> maven.classPath(List.of("g:a:1.0"), List.of()))
                .isInstanceOf(InterruptedException.class);
        assertThat(ProcessHandle.current()
                        .descendants()
                        .filter(ProcessHandle::isAlive)
                        .anyMatch(it -> it.info().commandLine().orElse("").contains("sleep 1000")))
                .isFalse();
    }
}
