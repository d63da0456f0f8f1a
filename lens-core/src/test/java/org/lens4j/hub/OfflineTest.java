package org.lens4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.error.HubException;

class OfflineTest {
    @TempDir
    private Path cache;

    private ServerSocket server;
    private final AtomicInteger connections = new AtomicInteger();
    private Thread listening;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        listening = new Thread(() -> {
            while (!server.isClosed()) {
                try {
                    server.accept().close();
                    connections.incrementAndGet();
                } catch (IOException closed) {
                    return;
                }
            }
        });
        listening.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        listening.join();
    }

    private HubSettings settings(Optional<String> offlineBy) {
        return new HubSettings(
                URI.create("http://127.0.0.1:" + server.getLocalPort()),
                cache,
                Optional.of("hf_secret"),
                offlineBy,
                Duration.ofSeconds(2));
    }

    private void layOut(String model, String... files) throws IOException {
        Path folder = cache.resolve("models--" + model.replace("/", "--"));
        Path snapshot = Files.createDirectories(folder.resolve("snapshots/abc"));
        Files.createDirectories(folder.resolve("refs"));
        Files.writeString(folder.resolve("refs/main"), "abc");
        for (String file : files) {
            Files.writeString(snapshot.resolve(file), "{}");
        }
    }

    private static Set<String> clientThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(it -> it.startsWith("HttpClient-"))
                .collect(Collectors.toSet());
    }

    @Test
    void offline_opens_no_socket_whatever_is_asked() throws IOException {
        layOut("distilgpt2", "config.json", "model.safetensors");
        layOut("org/half", "config.json");
        Set<String> before = clientThreads();
        for (HubOptions options : new HubOptions[] {
            HubOptions.of(settings(Optional.of("HF_HUB_OFFLINE"))),
            HubOptions.of(settings(Optional.empty())).withOffline(),
            HubOptions.of(settings(Optional.of("TRANSFORMERS_OFFLINE"))).withRefresh()
        }) {
            for (String name : new String[] {"gpt2", "org/none", "org/half", "nobody", "EleutherAI/gpt-neo-125m"}) {
                assertThatThrownBy(() -> ModelFiles.locate(name, options)).isInstanceOf(RuntimeException.class);
            }
        }
        ModelFiles.locate(
                "distilgpt2", HubOptions.of(settings(Optional.empty())).withOffline());
        assertThat(connections).hasValue(0);
        assertThat(clientThreads()).isSubsetOf(before);
    }

    @Test
    void the_same_listener_counts_the_connections_of_a_load_that_is_online() {
        assertThatThrownBy(() ->
                        new Locator(HubOptions.of(settings(Optional.empty())), TestMachine.usual()).locate("gpt2"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("could not be reached for gpt2");
        assertThat(connections.get()).isPositive();
    }

    @Test
    void what_is_cached_loads_without_a_request_even_online() throws IOException {
        layOut("distilgpt2", "config.json", "model.safetensors");
        ModelFiles files = ModelFiles.locate("distil-gpt2", HubOptions.of(settings(Optional.empty())));
        assertThat(files.weights()).exists();
        assertThat(connections).hasValue(0);
    }

    @Test
    void the_message_says_what_is_there_and_how_to_go_on() throws IOException {
        layOut("distilgpt2", "config.json", "model.safetensors");
        HubOptions options = HubOptions.of(settings(Optional.of("HF_HUB_OFFLINE")));
        assertThatThrownBy(() -> ModelFiles.locate("gpt2", options))
                .isInstanceOf(HubException.class)
                .hasMessage(
                        "No model \"gpt2\" in %s (offline). Found: distilgpt2. Unset HF_HUB_OFFLINE to download it, or pass a directory."
                                .formatted(cache));
        assertThatThrownBy(() -> ModelFiles.locate("gpt-neo-125m", options))
                .hasMessageContaining("No model \"gpt-neo-125m\" (EleutherAI/gpt-neo-125M) in ");
        assertThatThrownBy(() -> ModelFiles.locate("distilgpt2", options.withRevision("v2")))
                .hasMessageContaining("No model \"distilgpt2\" at revision \"v2\" in ");
        assertThatThrownBy(() -> ModelFiles.locate(
                        "gpt2", HubOptions.of(settings(Optional.empty())).withOffline()))
                .hasMessageContaining("Leave out the option offline to download it");
    }

    @Test
    void half_a_model_is_told_from_none() throws IOException {
        layOut("org/half", "config.json");
        HubOptions options = HubOptions.of(settings(Optional.of("TRANSFORMERS_OFFLINE")));
        assertThatThrownBy(() -> ModelFiles.locate("org/half", options))
                .isInstanceOf(HubException.class)
                .hasMessage(
                        "\"org/half\" in %s lacks its weights (offline). Unset TRANSFORMERS_OFFLINE to download it, or pass a directory."
                                .formatted(cache));
    }

    @Test
    void an_empty_cache_says_so() {
        HubSettings settings = settings(Optional.of("HF_HUB_OFFLINE"));
        HubSettings nowhere = new HubSettings(
                settings.endpoint(), cache.resolve("none"), Optional.empty(), settings.offlineBy(), settings.timeout());
        assertThatThrownBy(() -> ModelFiles.locate("gpt2", HubOptions.of(nowhere)))
                .hasMessageContaining("Found: nothing.");
    }
}
