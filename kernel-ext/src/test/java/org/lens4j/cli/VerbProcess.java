package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A verb in a process of its own, as the launcher starts it in a terminal, so that it can be stopped by Ctrl-C.
 *
 * <pre>{@code
 * try (VerbProcess sweep = VerbProcess.start(folder, "patch", "demo", …)) {
 *     sweep.awaitErr("patches");
 *     MainTest.Ended ended = sweep.interrupted();
 * }
 * }</pre>
 */
final class VerbProcess implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;

    private final Process process;
    private final Path err;

    private VerbProcess(Process process, Path err) {
        this.process = process;
        this.err = err;
    }

    /**
     * Starts it.
     *
     * @param folder what it says on standard error is kept there
     * @param words the verb and what follows it
     */
    static VerbProcess start(Path folder, String... words) throws IOException {
        Path options = Path.of(System.getProperty("lens.home"), "lens-core/src/main/resources/org/lens4j/jvm.options");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + options,
                "-Dlens.terminal=true",
                "-cp",
                System.getProperty("java.class.path"),
                "org.lens4j.cli.Main"));
        command.addAll(List.of(words));
        Path err = Files.createTempFile(folder, "err", "");
        return new VerbProcess(
                new ProcessBuilder(command).redirectError(err.toFile()).start(), err);
    }

    /** What it has said on standard error so far. */
    String err() throws IOException {
        return new String(Files.readAllBytes(err), StandardCharsets.UTF_8);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Waits until standard error holds some words, such as the bar of its work, or it has ended. */
    void awaitErr(String pattern) throws IOException, InterruptedException {
        Pattern awaited = Pattern.compile(pattern);
        while (isAlive() && !awaited.matcher(err()).find()) {
            Thread.sleep(5);
        }
    }

    /**
     * Sends it what Ctrl-C sends and waits for its end, which must be of that. Where this process ignores Ctrl-C and a child
     * does as well, it is asked by the signal that asks programs to end.
     */
    MainTest.Ended interrupted() throws IOException, InterruptedException {
        boolean ignored = ignoresInterrupts();
        new ProcessBuilder("kill", ignored ? "-TERM" : "-INT", Long.toString(process.pid()))
                .start()
                .waitFor();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(err()).isEqualTo(ignored ? 143 : 130);
        return new MainTest.Ended(process.exitValue(), out, err());
    }

    private static boolean ignoresInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.isReadable(status)) {
            return false;
        }
        String ignored = Files.readAllLines(status).stream()
                .filter(it -> it.startsWith("SigIgn:"))
                .map(it -> it.substring("SigIgn:".length()).strip())
                .findFirst()
                .orElse("0");
        return (Long.parseUnsignedLong(ignored, 16) & 0b10) != 0;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
