package org.lens4j.kernel.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The operating system's side of a kernel: the process and the last lines it wrote outside the protocol. */
final class KernelProcess {
    private static final int KEPT_LINES = 40;

    private final Process process;
    private final Deque<String> lines = new ArrayDeque<>();
    private final Thread pump;

    private KernelProcess(Process process) {
        this.process = process;
        this.pump = new Thread(this::keepLastLines, "kernel-output");
        pump.setDaemon(true);
        pump.start();
    }

    static KernelProcess start(List<String> command, Path directory, Map<String, String> environment)
            throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment()
                .put("JPY_PARENT_PID", Long.toString(ProcessHandle.current().pid()));
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        return new KernelProcess(process);
    }

    private void keepLastLines() {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                synchronized (lines) {
                    lines.addLast(line);
                    if (lines.size() > KEPT_LINES) {
                        lines.removeFirst();
                    }
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // The pipe closes with the process; what was read so far is what there is.
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** The last lines, joined; a dead process's pipe is read to its end first. */
    String lastLines() {
        if (!process.isAlive()) {
            try {
                pump.join(Duration.ofSeconds(2).toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        synchronized (lines) {
            return String.join("\n", lines);
        }
    }

    KernelDied died(String when) {
        String exit = process.isAlive() ? "it still runs" : "exit code " + process.exitValue();
        String last = lastLines();
        return new KernelDied("The kernel %s (%s). %s"
                .formatted(when, exit, last.isEmpty() ? "It wrote nothing." : "The last lines it wrote:\n" + last));
    }

    /** Waits for the process to end by itself, then ends it. */
    void end(Duration patience) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
