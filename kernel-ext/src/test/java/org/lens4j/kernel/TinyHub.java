package org.lens4j.kernel;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A hub on loopback with one model, {@code org/tiny}: the files of a directory. Enough for what a user sees of a download;
 * everything that can go wrong with one is tried in lens-core.
 */
public final class TinyHub implements AutoCloseable {
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    private static final String FILES = "/org/tiny/resolve/";

    private final Path directory;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;
    private volatile String lastRange = "";
    private final CompletableFuture<Void> stalled = new CompletableFuture<>();
    private final CountDownLatch goingOn = new CountDownLatch(1);
    private final AtomicLong stallAt = new AtomicLong(Long.MAX_VALUE);

    /** Serves these files. */
    public TinyHub(Path directory) throws IOException {
        this.directory = directory;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setExecutor(threads);
        server.createContext(FILES, this::answer);
        server.start();
    }

    /** Serves config.json and model.safetensors of the GPT-Neo among the reference models. */
    public static TinyHub ofGptNeo() throws IOException {
        return new TinyHub(neo());
    }

    /** Where these files are. */
    public static Path neo() {
        return Path.of(System.getProperty("lens.home"), "lens-core/src/test/resources/fixtures/gpt_neo");
    }

    /** The next answer with more bytes than this stops there, until {@link #goOn}. */
    public TinyHub stallAt(long bytes) {
        stallAt.set(bytes);
        return this;
    }

    /** Sends the rest of what was stalled. */
    public void goOn() {
        goingOn.countDown();
    }

    /** Sends the rest some seconds after the beginning came. */
    public TinyHub goOnAfter(int seconds) {
        CompletableFuture<Void> unused =
                stalled.thenRunAsync(this::goOn, CompletableFuture.delayedExecutor(seconds, TimeUnit.SECONDS, threads));
        return this;
    }

    /** What a process needs to know to use this hub, with its cache in a folder. */
    public Map<String, String> environment(Path home) {
        return Map.of(
                "HF_ENDPOINT",
                "http://127.0.0.1:" + server.getAddress().getPort(),
                "HF_HOME",
                home.toString(),
                "HF_HUB_OFFLINE",
                "0");
    }

    /** What the last request asked for, as its Range header; empty if all. */
    public String lastRange() {
        return lastRange;
    }

    /** Where a file's bytes are while they arrive. */
    public Path incomplete(Path home, String file) throws IOException {
        return home.resolve("hub/models--org--tiny/blobs")
                .resolve(etag(Files.readAllBytes(directory.resolve(file))) + ".incomplete");
    }

    private static String etag(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath().substring(FILES.length());
        Path file = directory.resolve(path.substring(path.indexOf('/') + 1));
        exchange.getResponseHeaders().set("X-Repo-Commit", COMMIT);
        try (exchange) {
            boolean served = file.endsWith("config.json") || file.endsWith("model.safetensors");
            if (!served) {
                exchange.getResponseHeaders().set("X-Error-Code", "EntryNotFound");
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            byte[] bytes = Files.readAllBytes(file);
            exchange.getResponseHeaders().set("ETag", '"' + etag(bytes) + '"');
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", String.valueOf(bytes.length));
                exchange.sendResponseHeaders(200, -1);
            } else {
                send(exchange, bytes);
            }
        }
    }

    private void send(HttpExchange exchange, byte[] bytes) throws IOException {
        lastRange = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range"))
                .orElse("");
        int from = Optional.of(lastRange)
                .filter(it -> !it.isEmpty())
                .map(it -> Integer.parseInt(it.substring("bytes=".length(), it.indexOf('-'))))
                .orElse(0);
        if (from > 0) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes %d-%d/%d".formatted(from, bytes.length - 1, bytes.length));
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, bytes.length - from);
        OutputStream body = exchange.getResponseBody();
        int stall = (int) Math.min(stallAt.get(), bytes.length);
        if (from < stall && stall < bytes.length) {
            stallAt.set(Long.MAX_VALUE);
            body.write(bytes, from, stall - from);
            body.flush();
            stalled.complete(null);
            try {
                goingOn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            body.write(bytes, stall, bytes.length - stall);
        } else {
            body.write(bytes, from, bytes.length - from);
        }
    }

    @Override
    public void close() {
        goOn();
        server.stop(0);
        threads.shutdownNow();
    }
}
