package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.kernel.LargeModel;
import org.lens4j.kernel.TinyHub;

/** What the command line shows of a download and of a load, in a process of its own, from a hub on loopback. */
class DownloadingTest {
    private static final String BAR = "model.safetensors: ";

    @TempDir
    private Path home;

    private Process lens(TinyHub hub, boolean terminal, String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of(System.getProperty("lens.home"), "lens-core/src/main/resources/org/lens4j/jvm.options"),
                "-Dlens.terminal=" + terminal,
                "-cp",
                System.getProperty("java.class.path"),
                "org.lens4j.cli.Main"));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(hub.environment(home));
        return builder.redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    }

    private static String rest(InputStream err) throws IOException {
        return new String(err.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Reads until a text has come. */
    private static String until(InputStream err, String text) throws IOException {
        StringBuilder read = new StringBuilder();
        for (int next = err.read(); next >= 0 && read.indexOf(text) < 0; next = err.read()) {
            read.append((char) next);
        }
        return read.toString();
    }

    @Test
    void without_a_terminal_a_file_is_one_line_when_it_is_there() throws Exception {
        try (TinyHub hub = TinyHub.ofGptNeo().stallAt(100_000).goOnAfter(1)) {
            Process process = lens(hub, false, "cache", "org/tiny", "--text", "a", "--out", home + "/x.safetensors");
            List<String> lines = rest(process.getErrorStream()).lines().toList();
            assertThat(process.waitFor()).isEqualTo(Main.FAILED);
            assertThat(lines).hasSize(2);
            assertThat(lines.get(0))
                    .startsWith(BAR + "100%|██████████| 247k/247k [")
                    .doesNotContain("\r");
            assertThat(lines.get(1)).startsWith("tiny (org/tiny) has no tokenizer.json on the hub");
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a process cannot be asked to end there")
    void on_a_terminal_a_stopped_download_ends_its_line_and_keeps_what_came() throws Exception {
        try (TinyHub hub = TinyHub.ofGptNeo().stallAt(100_000)) {
            Process process = lens(hub, true, "info", "org/tiny");
            String drawn = until(process.getErrorStream(), " 100k/247k");
            assertThat(drawn).startsWith("\r" + BAR);
            process.toHandle().destroy(); // process.destroy() would close the stream that is read
            assertThat(rest(process.getErrorStream())).endsWith("B/s]" + System.lineSeparator());
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(hub.incomplete(home, "model.safetensors")).hasSize(100_000);
        }
    }

    /** Only work under half a second has no bar: a machine may read 1.2 GB of zeros in that time. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void reading_a_large_model_is_one_line_that_a_terminal_sees_grow(boolean terminal) throws Exception {
        Path large = LargeModel.write(Files.createDirectory(home.resolve("large")), 24);
        try (TinyHub hub = TinyHub.ofGptNeo()) {
            Process process = lens(hub, terminal, "info", large.toString(), "--no-check");
            String err = rest(process.getErrorStream());
            assertThat(process.waitFor()).as(err).isZero();
            List<String> plan = err.lines()
                    .filter(it -> it.contains(" of memory at the peak of loading"))
                    .toList();
            assertThat(plan).as(err).hasSize(1);
            String bars = err.substring(err.indexOf(plan.get(0)) + plan.get(0).length())
                    .stripLeading();
            if (!bars.isEmpty()) {
                List<String> drawn = bars.lines().filter(it -> !it.isEmpty()).toList();
                assertThat(drawn)
                        .allMatch(it -> it.startsWith("reading large: "))
                        .hasSize(terminal ? drawn.size() : 1);
                assertThat(drawn.get(drawn.size() - 1)).startsWith("reading large: 100%|██████████| 1.21G/1.21G [");
                assertThat(bars).endsWith("B/s]" + System.lineSeparator());
            }
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a process cannot be asked to end there")
    void a_load_that_is_stopped_on_a_terminal_ends_its_line() throws Exception {
        Path large = LargeModel.write(Files.createDirectory(home.resolve("large")), 24);
        try (TinyHub hub = TinyHub.ofGptNeo()) {
            Process process = lens(hub, true, "info", large.toString(), "--no-check");
            String drawn = until(process.getErrorStream(), "\rreading large: ");
            assumeTrue(drawn.contains("\rreading large: "), "This machine reads 1.2 GB in less than half a second.");
            process.toHandle().destroy(); // process.destroy() would close the stream that is read
            String rest = rest(process.getErrorStream());
            assertThat(rest).endsWith("B/s]" + System.lineSeparator());
            assertThat(rest).doesNotContain("Exception");
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void reading_a_small_model_shows_nothing() throws Exception {
        try (TinyHub hub = TinyHub.ofGptNeo()) {
            Process process = lens(hub, true, "info", "demo", "--no-check");
            assertThat(rest(process.getErrorStream())).isEmpty();
            assertThat(process.waitFor()).isZero();
        }
    }
}
