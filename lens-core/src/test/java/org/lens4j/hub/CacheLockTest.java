package org.lens4j.hub;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheLockTest {
    private static final byte[] BYTES = new byte[100_000];

    @TempDir
    private Path cache;

    private List<Process> start(EmulatedHub hub) throws IOException {
        List<Process> processes = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            processes.add(new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            DownloadMain.class.getName(),
                            hub.endpoint().toString(),
                            cache.toString(),
                            "org/tiny")
                    .redirectErrorStream(true)
                    .start());
        }
        return processes;
    }

    @Test
    void two_processes_at_once_fetch_a_file_once_and_both_have_it() throws Exception {
        try (EmulatedHub hub = new EmulatedHub()
                .small("org/tiny", "config.json", "{}")
                .large("org/tiny", "model.safetensors", BYTES)) {
            CountDownLatch bothAsked = new CountDownLatch(2);
            EmulatedHub.Answer usual = (exchange, file) -> {
                bothAsked.countDown();
                exchange.getResponseHeaders().set("X-Repo-Commit", EmulatedHub.COMMIT);
                exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + file.etag() + "\"");
                exchange.getResponseHeaders().set("ETag", "\"of the redirect\"");
                exchange.getResponseHeaders().set("X-Linked-Size", String.valueOf(BYTES.length));
                exchange.sendResponseHeaders(200, -1);
            };
            hub.nextHead("model.safetensors", usual).nextHead("model.safetensors", usual);
            hub.nextGet("model.safetensors", (exchange, file) -> {
                try {
                    assertThat(bothAsked.await(60, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                exchange.sendResponseHeaders(200, BYTES.length);
                exchange.getResponseBody().write(BYTES);
            });
            for (Process process : start(hub)) {
                String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(process.waitFor()).as(output).isZero();
                assertThat(output.strip()).endsWith("model.safetensors");
                assertThat(Files.readAllBytes(Path.of(output.strip()))).isEqualTo(BYTES);
            }
            assertThat(hub.gets("model.safetensors")).isEqualTo(1);
        }
    }

    @Test
    void a_second_thread_waits_until_the_first_lets_go() throws Exception {
        Path file = cache.resolve("x/etag.lock");
        TestMachine machine = TestMachine.usual();
        CacheLock first = CacheLock.take(file, machine);
        CountDownLatch waits = new CountDownLatch(1);
        Thread second = new Thread(() -> {
            try (CacheLock lock = CacheLock.take(file, new Waiting(waits))) {
                assertThat(lock).isNotNull();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        second.start();
        assertThat(waits.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(second.isAlive()).isTrue();
        first.close();
        second.join(30_000);
        assertThat(second.isAlive()).isFalse();
        assertThat(file).exists();
    }

    /** Tells when it waits, and does. */
    private record Waiting(CountDownLatch waits) implements Machine {
        @Override
        public long free(Path directory) throws IOException {
            return REAL.free(directory);
        }

        @Override
        public java.nio.channels.WritableByteChannel append(Path file) throws IOException {
            return REAL.append(file);
        }

        @Override
        public void link(Path link, Path target) throws IOException {
            REAL.link(link, target);
        }

        @Override
        public void pause(java.time.Duration time) throws InterruptedException {
            waits.countDown();
            REAL.pause(time);
        }
    }
}
