package org.lens4j.kernel.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.kernel.host.KernelWithTestMagics;
import org.zeromq.ZMsg;

/** How a kernel starts, is stopped, endures and ends. */
@Timeout(180)
class KernelLifeTest {
    private static final Duration LONG = Duration.ofMinutes(2);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "System.out.println(\"on\"); Thread.sleep(100_000);",
                "System.out.println(\"on\"); while (true) { }",
                "System.out.println(\"on\"); long n = 0; while (true) { n += List.of(n).hashCode(); }",
                "System.out.println(\"on\"); while (!Thread.interrupted()) { }\nThread.sleep(100_000);",
                "System.out.println(\"on\");\n%endless",
                "System.out.println(\"on\"); Stream.iterate(0, i -> i + 1).forEach(i -> { for (int k = 0; k < 1000; k++) ; });"
            })
    void interrupt_stops_a_cell_and_the_session_goes_on(String code) throws Exception {
        try (KernelClient kernel = TestKernels.start()) {
            TestKernels.run(kernel, "int kept = 41;");
            CountDownLatch running = new CountDownLatch(1);
            Thread interrupting = new Thread(() -> {
                try {
                    running.await();
                    kernel.interrupt();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            interrupting.start();
            CellRun run = kernel.execute(code, output -> running.countDown(), LONG);
            interrupting.join();
            assertThat(run.status()).isEqualTo(CellRun.Status.ERROR);
            assertThat(run.error().orElseThrow().ename()).isEqualTo("Interrupted");
            assertThat(run.took()).isLessThan(Duration.ofSeconds(20));
            assertThat(TestKernels.run(kernel, "int again = 0; for (int i = 0; i < 1000; i++) again++; kept + again")
                            .resultText())
                    .isEqualTo("1041");
        }
    }

    @Test
    void a_cell_that_waits_for_input_can_be_stopped() throws Exception {
        try (KernelClient kernel = TestKernels.start()) {
            CellRun run = kernel.execute("System.in.read()", output -> {}, LONG, prompt -> {
                kernel.interrupt();
                throw new IllegalStateException("the user went away");
            });
            assertThat(run.status()).isEqualTo(CellRun.Status.ERROR);
            assertThat(TestKernels.run(kernel, "1 + 1").resultText()).isEqualTo("2");
        } catch (IllegalStateException e) {
            assertThat(e).hasMessage("the user went away");
        }
    }

    @Test
    void a_cell_over_its_time_is_stopped_by_the_client() throws Exception {
        try (KernelClient kernel = TestKernels.start()) {
            CellRun run = kernel.execute("Thread.sleep(100_000);", output -> {}, Duration.ofSeconds(1));
            assertThat(run.status()).isEqualTo(CellRun.Status.TIMED_OUT);
            assertThat(TestKernels.run(kernel, "1 + 1").resultText()).isEqualTo("2");
        }
    }

    @Test
    void strangers_messages_are_passed_over() throws Exception {
        try (KernelClient kernel = TestKernels.start()) {
            Sockets sockets = kernel.sockets();
            JsonObject execute = new JsonObject();
            execute.addProperty("code", "System.exit(3);");
            JsonObject header = sockets.frames().header("execute_request");
            List<ZMsg> bad = new ArrayList<>();
            bad.add(new Frames("another key").pack(header, new JsonObject(), execute));
            bad.add(message("no delimiter at all"));
            bad.add(message("<IDS|MSG>"));
            bad.add(message("<IDS|MSG>", "signature", "{", "{}", "{}", "{}"));
            bad.add(sockets.frames().pack(new JsonObject(), new JsonObject(), new JsonObject()));
            bad.add(sockets.frames().pack(sockets.frames().header("no_such_request"), new JsonObject(), execute));
            bad.add(sockets.frames().pack(header, new JsonObject(), new JsonObject()));
            for (ZMsg message : bad) {
                ZMsg copy = message.duplicate();
                synchronized (sockets.shell) {
                    message.send(sockets.shell);
                }
                synchronized (sockets.control) {
                    copy.send(sockets.control);
                }
            }
            assertThat(TestKernels.run(kernel, "1 + 1").resultText()).isEqualTo("2");
            assertThat(kernel.isAlive()).isTrue();
        }
    }

    private static ZMsg message(String... frames) {
        ZMsg message = new ZMsg();
        for (String frame : frames) {
            message.add(frame.getBytes(UTF_8));
        }
        return message;
    }

    @Test
    void two_hundred_requests_at_once_are_all_answered() throws Exception {
        try (KernelClient kernel = TestKernels.start()) {
            Sockets sockets = kernel.sockets();
            JsonObject code = new JsonObject();
            code.addProperty("code", "int a = 1;");
            Set<String> waiting = new HashSet<>();
            for (int i = 0; i < 200; i++) {
                String type = List.of("is_complete_request", "kernel_info_request", "execute_request")
                        .get(i % 3);
                waiting.add(sockets.send(sockets.shell, type, code));
            }
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
            while (!waiting.isEmpty() && System.nanoTime() < deadline) {
                sockets.await(100, sockets.shell);
                sockets.receive(sockets.shell).ifPresent(m -> waiting.remove(m.parent()));
            }
            assertThat(waiting).isEmpty();
        }
    }

    @Test
    void cells_sent_after_one_that_fails_are_not_run() throws Exception {
        try (KernelClient kernel = TestKernels.start()) {
            Sockets sockets = kernel.sockets();
            JsonObject failing = execute("Thread.sleep(1000); throw new RuntimeException();");
            JsonObject after = execute("int afterwards = 1;");
            sockets.send(sockets.shell, "execute_request", failing);
            String second = sockets.send(sockets.shell, "execute_request", after);
            String status = "";
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (status.isEmpty() && System.nanoTime() < deadline) {
                sockets.await(100, sockets.shell);
                status = sockets.receive(sockets.shell)
                        .filter(m -> m.parent().equals(second))
                        .map(m -> m.content().get("status").getAsString())
                        .orElse("");
            }
            assertThat(status).isEqualTo("aborted");
            assertThat(TestKernels.run(kernel, "afterwards").status()).isEqualTo(CellRun.Status.ERROR);
        }
    }

    private static JsonObject execute(String code) {
        JsonObject content = new JsonObject();
        content.addProperty("code", code);
        content.addProperty("stop_on_error", true);
        return content;
    }

    @Test
    void starting_and_stopping_leaves_no_process_and_no_file(@TempDir Path temporary) throws Exception {
        List<String> command = new ArrayList<>(TestKernels.command(TestKernels.WITH_MAGICS));
        command.add(1, "-Djava.io.tmpdir=" + temporary);
        for (int i = 0; i < 3; i++) {
            KernelClient kernel = TestKernels.start(command);
            assertThat(TestKernels.run(kernel, "1 + 1").resultText()).isEqualTo("2");
            ProcessHandle process = ProcessHandle.of(kernel.pid()).orElseThrow();
            kernel.close();
            assertThat(process.isAlive()).isFalse();
            assertThat(kernel.isAlive()).isFalse();
        }
        assertThat(temporary).isEmptyDirectory();
        assertThat(ourConnectionFiles()).isEmpty();
    }

    private static List<Path> ourConnectionFiles() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(f -> f.getFileName().toString().startsWith(ConnectionFile.prefix()))
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void what_is_to_be_done_at_the_end_is_done_once(boolean asked, @TempDir Path directory) throws Exception {
        Path notes = directory.resolve("notes");
        Map<String, String> environment = Map.of(KernelWithTestMagics.END_FILE, notes.toString());
        try (KernelClient kernel = KernelClient.start(
                TestKernels.command(TestKernels.WITH_MAGICS), Path.of("").toAbsolutePath(), environment, LONG)) {
            TestKernels.run(kernel, "1 + 1");
            if (!asked) {
                ProcessHandle process = ProcessHandle.of(kernel.pid()).orElseThrow();
                process.destroy();
                process.onExit().get(30, TimeUnit.SECONDS);
            }
        }
        assertThat(notes).hasContent("end 1");
    }

    @Test
    void close_ends_a_kernel_that_does_not_listen() throws Exception {
        KernelClient kernel = TestKernels.start();
        Thread cell = new Thread(() -> {
            try {
                TestKernels.run(
                        kernel,
                        "synchronized (Object.class) { while (true) { try { Thread.sleep(1000); } catch (Throwable t) { } } }");
            } catch (RuntimeException e) {
                // The kernel ends under it; that is the point.
            }
        });
        cell.setDaemon(true);
        cell.start();
        ProcessHandle process = ProcessHandle.of(kernel.pid()).orElseThrow();
        kernel.close();
        assertThat(process.isAlive()).isFalse();
    }

    @Test
    void a_kernel_that_dies_is_reported_with_its_last_words() throws Exception {
        try (KernelClient kernel = TestKernels.start()) {
            assertThatThrownBy(
                            () -> TestKernels.run(
                                    kernel,
                                    "new FileOutputStream(FileDescriptor.err).write(\"last words\\n\".getBytes()); Runtime.getRuntime().halt(7);"))
                    .isInstanceOf(KernelDied.class)
                    .hasMessageContaining("exit code 7")
                    .hasMessageContaining("last words");
        }
    }

    @Test
    void a_program_that_is_no_kernel_is_reported_with_what_it_said() {
        List<String> command = TestKernels.command("org.lens4j.NoSuchClass");
        assertThatThrownBy(() -> TestKernels.start(command))
                .isInstanceOf(KernelDied.class)
                .hasMessageContaining("ended before it answered (exit code 1)")
                .hasMessageContaining("NoSuchClass");
    }

    @Test
    void a_kernel_ends_with_its_parent() throws Exception {
        Process parent = new ProcessBuilder("sleep", "1000").start();
        Map<String, String> environment = Map.of("JPY_PARENT_PID", Long.toString(parent.pid()));
        try (KernelClient kernel = KernelClient.start(
                TestKernels.command(TestKernels.WITH_MAGICS), Path.of("").toAbsolutePath(), environment, LONG)) {
            assertThat(kernel.isAlive()).isTrue();
            ProcessHandle process = ProcessHandle.of(kernel.pid()).orElseThrow();
            parent.destroyForcibly().waitFor();
            process.onExit().get(30, TimeUnit.SECONDS);
            assertThat(kernel.isAlive()).isFalse();
        }
    }
}
