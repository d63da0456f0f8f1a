package org.lens4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.error.HubException;

class DownloadTest {
    private static final String MODEL = "org/tiny";
    private static final String WEIGHTS = "model.safetensors";
    private static final byte[] BYTES = new byte[300_000];

    static {
        new Random(1).nextBytes(BYTES);
    }

    @TempDir
    private Path cache;

    private EmulatedHub hub;
    private TestMachine machine = TestMachine.usual();

    @BeforeEach
    void start() throws IOException {
        hub = new EmulatedHub()
                .small(MODEL, "config.json", "{\"architectures\": []}")
                .large(MODEL, WEIGHTS, BYTES);
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private HubOptions options() {
        return HubOptions.of(hub.settings(cache));
    }

    private HubOptions optionsWithoutToken() {
        HubSettings with = hub.settings(cache);
        return HubOptions.of(
                new HubSettings(with.endpoint(), cache, Optional.empty(), Optional.empty(), with.timeout()));
    }

    private ModelFiles locate(HubOptions options) {
        return new Locator(options, machine).locate(MODEL);
    }

    private Path blob(String file) {
        return cache.resolve("models--org--tiny/blobs")
                .resolve(hub.stored(MODEL, file).etag());
    }

    private Path incomplete() {
        return blob(WEIGHTS).resolveSibling(hub.stored(MODEL, WEIGHTS).etag() + ".incomplete");
    }

    private void assertWhole() throws IOException {
        assertThat(locate(options()).weights()).hasBinaryContent(BYTES);
        assertThat(incomplete()).doesNotExist();
    }

    @Test
    void a_model_comes_over_whole_and_then_without_a_request() throws IOException {
        assertWhole();
        int before = hub.requests().size();
        assertWhole();
        assertThat(hub.requests()).hasSize(before);
    }

    @Test
    void the_token_goes_to_the_hub_and_not_to_where_it_redirects() {
        hub.makePrivate();
        locate(options());
        assertThat(hub.requests())
                .filteredOn(EmulatedHub.Request::ofHub)
                .isNotEmpty()
                .allSatisfy(it -> assertThat(it.token()).contains("Bearer " + EmulatedHub.TOKEN));
        assertThat(hub.requests()).filteredOn(it -> !it.ofHub()).isNotEmpty().allSatisfy(it -> assertThat(it.token())
                .isEmpty());
    }

    @Test
    void a_redirect_within_the_hub_keeps_the_token_and_the_headers() throws IOException {
        hub.makePrivate()
                .nextHead("config.json", EmulatedHub.status(307, "Location", "/org/tiny/resolve/main/config.json"));
        assertWhole();
    }

    @Test
    void a_redirect_that_goes_in_circles_or_to_no_address_ends() {
        for (int i = 0; i < 200; i++) {
            hub.nextHead("config.json", EmulatedHub.status(307, "Location", "/org/tiny/resolve/main/config.json"));
        }
        assertThatThrownBy(() -> locate(options()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("more than 10 redirects");
    }

    @Test
    void dropped_connections_are_taken_up_where_they_broke() throws IOException {
        hub.nextGet(WEIGHTS, EmulatedHub.dropAfter(100_000)).nextGet(WEIGHTS, EmulatedHub.dropAfter(100_000));
        assertWhole();
        List<String> ranges = hub.requests().stream()
                .filter(it -> !it.ofHub())
                .map(it -> it.range().orElse("all"))
                .toList();
        assertThat(ranges).hasSize(3).startsWith("all");
        assertThat(ranges.get(2)).matches("bytes=[12]\\d{5}-");
    }

    @Test
    void a_download_that_keeps_breaking_stays_and_goes_on_at_the_next_load() throws IOException {
        hub.nextGet(WEIGHTS, EmulatedHub.dropAfter(100_000));
        for (int i = 0; i < Patience.MOST; i++) {
            hub.nextGet(WEIGHTS, EmulatedHub.dropAfter(0));
        }
        assertThatThrownBy(() -> locate(options()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("model.safetensors of org/tiny broke off at ")
                .hasMessageContaining("What came is kept; load again to go on from there.");
        long kept = Files.size(incomplete());
        assertThat(kept).isPositive();
        assertWhole();
        assertThat(hub.requests().get(hub.requests().size() - 1).range()).contains("bytes=" + kept + "-");
    }

    @Test
    void a_server_that_ignores_the_range_is_read_from_the_start() throws IOException {
        hub.nextGet(WEIGHTS, EmulatedHub.dropAfter(100_000)).nextGet(WEIGHTS, EmulatedHub.withoutRange());
        assertWhole();
    }

    @Test
    void what_python_left_incomplete_is_completed() throws IOException {
        Files.createDirectories(incomplete().resolveSibling("."));
        Files.write(incomplete(), java.util.Arrays.copyOf(BYTES, 12_345));
        assertWhole();
        assertThat(hub.requests().get(hub.requests().size() - 1).range()).contains("bytes=12345-");
    }

    @Test
    void damaged_leftovers_get_one_fresh_start() throws IOException {
        Files.createDirectories(incomplete().resolveSibling("."));
        Files.write(incomplete(), new byte[12_345]);
        assertWhole();
        Files.deleteIfExists(locate(options()).weights());
        Files.delete(blob(WEIGHTS));
        Files.write(incomplete(), new byte[BYTES.length + 1]);
        assertWhole();
    }

    @Test
    void wrong_bytes_are_refused_removed_and_never_visible() throws IOException {
        hub.nextGet(WEIGHTS, EmulatedHub.damaged());
        assertThatThrownBy(() -> locate(options()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("model.safetensors of org/tiny arrived damaged: its SHA-256 is ")
                .hasMessageContaining(hub.stored(MODEL, WEIGHTS).etag())
                .hasMessageContaining("load again");
        assertThat(blob(WEIGHTS)).doesNotExist();
        assertThat(incomplete()).doesNotExist();
        assertWhole();
    }

    @Test
    void small_files_are_checked_as_git_names_them() {
        hub.nextGet("config.json", EmulatedHub.damaged());
        assertThatThrownBy(() -> locate(options()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("config.json of org/tiny arrived damaged: its GIT-SHA-1 is ");
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503, 504})
    void a_busy_hub_is_asked_again_after_the_time_it_names(int status) throws IOException {
        hub.nextHead("config.json", EmulatedHub.status(status, "Retry-After", "7"))
                .nextGet(WEIGHTS, EmulatedHub.status(status));
        assertWhole();
        assertThat(machine.pauses()).containsExactly(Duration.ofSeconds(7), Duration.ofMillis(500));
    }

    @Test
    void a_hub_that_stays_busy_or_asks_for_hours_is_given_up() {
        hub.nextHead("config.json", EmulatedHub.status(429, "Retry-After", "3600"));
        assertThatThrownBy(() -> locate(options()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining(hub.endpoint() + " could not be reached for org/tiny")
                .hasMessageContaining("it answered 429 and asks to wait 3600 seconds");
        for (int i = 0; i < Patience.MOST; i++) {
            hub.nextHead("config.json", EmulatedHub.status(503));
        }
        assertThatThrownBy(() -> locate(options()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("it answered 503, 5 times");
        assertThat(machine.pauses()).hasSize(Patience.MOST - 1);
    }

    @Test
    void each_refusal_says_what_to_do() {
        assertThatThrownBy(() -> new Locator(options(), machine).locate("org/other"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("No model \"org/other\" on " + hub.endpoint())
                .hasMessageContaining("the token given may not see it");
        assertThatThrownBy(() -> locate(options().withRevision("step7")))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("org/tiny has no revision \"step7\"");
        hub.nextHead("config.json", EmulatedHub.status(401));
        assertThatThrownBy(() -> locate(options()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("refused the token it was given for org/tiny (401)");
        hub.nextHead("config.json", EmulatedHub.status(403, "X-Error-Code", "GatedRepo"));
        assertThatThrownBy(() -> locate(optionsWithoutToken()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("org/tiny is gated on ")
                .hasMessageContaining("Accept its terms at " + hub.endpoint() + "/org/tiny")
                .hasMessageContaining("HF_TOKEN");
        hub.nextHead("config.json", EmulatedHub.status(403));
        assertThatThrownBy(() -> locate(options()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("does not let this token read org/tiny (403)");
        hub.makePrivate();
        assertThatThrownBy(() -> locate(optionsWithoutToken()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("No model \"org/tiny\" on ")
                .hasMessageContaining("for a private model set HF_TOKEN");
    }

    @Test
    void a_server_that_is_no_hub_is_named() {
        hub.nextHead("config.json", EmulatedHub.status(200));
        assertThatThrownBy(() -> locate(options()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("without the commit and etag that a Hugging Face hub sends");
    }

    @Test
    void an_etag_or_commit_that_is_a_path_is_refused() {
        hub.nextHead(
                "config.json",
                EmulatedHub.status(200, "X-Repo-Commit", EmulatedHub.COMMIT, "ETag", "\"../../../evil\""));
        assertThatThrownBy(() -> locate(options())).isInstanceOf(HubException.class);
        hub.nextHead("config.json", EmulatedHub.status(200, "X-Repo-Commit", "../../evil", "ETag", "\"abc\""));
        assertThatThrownBy(() -> locate(options())).isInstanceOf(HubException.class);
        assertThat(cache.resolveSibling("evil")).doesNotExist();
    }

    @Test
    void a_disk_without_room_is_named_before_anything_is_fetched() {
        machine = TestMachine.withRoom(1000);
        assertThatThrownBy(() -> locate(options()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("model.safetensors of org/tiny needs 300 kB more and the disk has 1.0 kB at")
                .hasMessageContaining("set HF_HOME to another disk");
        assertThat(hub.gets(WEIGHTS)).isZero();
    }

    @Test
    void a_disk_that_fills_up_stops_at_once_and_keeps_what_came() throws IOException {
        machine = TestMachine.thatFillsUpAfter(50_000);
        assertThatThrownBy(() -> locate(options()))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("The disk did not take model.safetensors of org/tiny: No space left on device")
                .hasMessageContaining("make room and load again");
        assertThat(hub.gets(WEIGHTS)).isEqualTo(1);
        assertThat(Files.size(incomplete())).isEqualTo(50_000);
        machine = TestMachine.usual();
        assertWhole();
    }

    @Test
    void more_bytes_than_announced_are_not_written() {
        hub.nextGet(WEIGHTS, (exchange, file) -> {
            exchange.sendResponseHeaders(200, 0);
            for (int i = 0; i < 3; i++) {
                exchange.getResponseBody().write(BYTES);
            }
        });
        assertThat(locate(options()).weights()).hasBinaryContent(BYTES);
    }

    @Test
    void a_silent_connection_counts_as_broken() throws IOException {
        CountDownLatch stopped = new CountDownLatch(1);
        hub.nextGet(WEIGHTS, (exchange, file) -> {
            exchange.sendResponseHeaders(200, file.bytes().length);
            exchange.getResponseBody().write(file.bytes(), 0, 1000);
            exchange.getResponseBody().flush();
            await(stopped);
        });
        HubSettings usual = hub.settings(cache);
        HubSettings hasty =
                new HubSettings(usual.endpoint(), cache, usual.token(), Optional.empty(), Duration.ofMillis(300));
        assertThat(locate(HubOptions.of(hasty)).weights()).hasBinaryContent(BYTES);
        stopped.countDown();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void an_interrupt_stops_at_once_and_keeps_what_came() throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch stopped = new CountDownLatch(1);
        hub.nextGet(WEIGHTS, (exchange, file) -> {
            exchange.sendResponseHeaders(200, file.bytes().length);
            exchange.getResponseBody().write(file.bytes(), 0, 100_000);
            exchange.getResponseBody().flush();
            await(stopped);
        });
        Progress progress = (file, done, total) -> {
            if (file.equals(WEIGHTS) && done > 0) {
                started.countDown();
            }
        };
        AtomicReference<Throwable> thrown = new AtomicReference<>(new IllegalStateException("nothing thrown"));
        AtomicReference<Boolean> flag = new AtomicReference<>(false);
        Thread loading = new Thread(() -> {
            try {
                locate(options().withProgress(progress));
            } catch (HubException e) {
                thrown.set(e);
                flag.set(Thread.currentThread().isInterrupted());
            }
        });
        loading.start();
        await(started);
        loading.interrupt();
        loading.join(10_000);
        stopped.countDown();
        assertThat(loading.isAlive()).isFalse();
        assertThat(thrown.get())
                .hasMessageContaining("Fetching \"org/tiny\" was stopped")
                .hasMessageContaining("load again");
        assertThat(flag.get()).isTrue();
        assertThat(Files.size(incomplete())).isPositive();
        assertWhole();
    }

    @Test
    void progress_ends_with_the_whole_of_each_file() {
        List<String> last = new ArrayList<>();
        locate(options().withProgress((file, done, total) -> {
            if (total.isPresent() && total.getAsLong() == done) {
                last.add(file + " " + done);
            }
        }));
        assertThat(last)
                .contains(
                        "config.json " + hub.stored(MODEL, "config.json").bytes().length, WEIGHTS + " " + BYTES.length);
    }

    @Test
    void the_end_of_a_file_is_said_once_and_after_its_last_byte() {
        List<String> told = new ArrayList<>();
        Progress progress = new Progress() {
            @Override
            public void at(String file, long done, java.util.OptionalLong total) {
                told.add(file + " " + (done == total.orElse(-1) ? "whole" : "partly"));
            }

            @Override
            public void end(String file) {
                told.add(file + " ended");
            }
        };
        List<String> second = new ArrayList<>();
        locate(options().withProgress(progress.and((file, done, total) -> second.add(file))));
        assertThat(told).endsWith(WEIGHTS + " whole", WEIGHTS + " ended");
        assertThat(told).filteredOn(it -> it.endsWith(" ended")).doesNotHaveDuplicates();
        assertThat(second).contains(WEIGHTS);
    }
}
