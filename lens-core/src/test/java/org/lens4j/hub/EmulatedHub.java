package org.lens4j.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A Hugging Face hub on this machine: the hub itself, and a second server that holds the large files, as its CDN does. Each
 * answer can be made to go wrong once.
 */
final class EmulatedHub implements AutoCloseable {
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    static final String TOKEN = "hf_secret";

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer hub;
    private final HttpServer store;
    private final Map<String, Map<String, Stored>> models = new ConcurrentHashMap<>();
    private final Map<String, Deque<Answer>> faults = new ConcurrentHashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile String commit = COMMIT;
    private volatile boolean isPrivate;

    EmulatedHub() throws IOException {
        hub = server(this::answerOfHub);
        store = server(this::answerOfStore);
    }

    /** A file as the hub keeps it. */
    static final class Stored {
        private final byte[] bytes;
        private final boolean large;

        private Stored(byte[] bytes, boolean large) {
            this.bytes = bytes;
            this.large = large;
        }

        byte[] bytes() {
            return bytes;
        }

        boolean large() {
            return large;
        }

        String etag() {
            try {
                MessageDigest digest = MessageDigest.getInstance(large ? "SHA-256" : "SHA-1");
                if (!large) {
                    digest.update(("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII));
                }
                return HexFormat.of().formatHex(digest.digest(bytes));
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** What was asked of either server. */
    record Request(boolean ofHub, String method, String path, Optional<String> token, Optional<String> range) {}

    /** One answer, given instead of the usual one. */
    interface Answer {
        void give(HttpExchange exchange, Stored file) throws IOException;
    }

    private HttpServer server(Answerer answerer) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                answerer.answer(exchange);
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        });
        server.start();
        return server;
    }

    private interface Answerer {
        void answer(HttpExchange exchange) throws IOException;
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
    }

    /** Settings for this hub, with its token. */
    HubSettings settings(Path cache) {
        return new HubSettings(endpoint(), cache, Optional.of(TOKEN), Optional.empty(), Duration.ofSeconds(5));
    }

    EmulatedHub small(String model, String file, String text) {
        return put(model, file, new Stored(text.getBytes(StandardCharsets.UTF_8), false));
    }

    EmulatedHub large(String model, String file, byte[] bytes) {
        return put(model, file, new Stored(bytes, true));
    }

    private EmulatedHub put(String model, String file, Stored stored) {
        models.computeIfAbsent(model, it -> new ConcurrentHashMap<>()).put(file, stored);
        return this;
    }

    Stored stored(String model, String file) {
        return Optional.ofNullable(models.get(model)).map(it -> it.get(file)).orElseThrow();
    }

    EmulatedHub commit(String commit) {
        this.commit = commit;
        return this;
    }

    EmulatedHub makePrivate() {
        isPrivate = true;
        return this;
    }

    /** Answers the next request for a file's bytes in another way; call again for the one after. */
    EmulatedHub nextGet(String file, Answer answer) {
        return next("GET " + file, answer);
    }

    /** Answers the next question about a file in another way. */
    EmulatedHub nextHead(String file, Answer answer) {
        return next("HEAD " + file, answer);
    }

    private EmulatedHub next(String key, Answer answer) {
        faults.computeIfAbsent(key, it -> new ArrayDeque<>()).add(answer);
        return this;
    }

    /** An answer without a body. */
    static Answer status(int status, String... headers) {
        return (exchange, file) -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
            }
            exchange.sendResponseHeaders(status, -1);
        };
    }

    /** The first bytes, and then the connection is gone. */
    static Answer dropAfter(int count) {
        return (exchange, file) -> {
            int from = from(exchange);
            int end = Math.min(file.bytes().length, from + count);
            range(exchange, file, from);
            exchange.getResponseBody().write(file.bytes(), from, end - from);
            exchange.getResponseBody().flush();
        };
    }

    /** All bytes, one of them changed. */
    static Answer damaged() {
        return (exchange, file) -> {
            byte[] bytes = file.bytes().clone();
            bytes[bytes.length / 2] ^= 1;
            whole(exchange, bytes);
        };
    }

    /** All bytes from the first, whatever range was asked for. */
    static Answer withoutRange() {
        return (exchange, file) -> whole(exchange, file.bytes());
    }

    private static void whole(HttpExchange exchange, byte[] bytes) throws IOException {
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static int from(HttpExchange exchange) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range"))
                .map(it -> Integer.parseInt(it.substring("bytes=".length(), it.indexOf('-'))))
                .orElse(0);
    }

    private static void range(HttpExchange exchange, Stored file, int from) throws IOException {
        int length = file.bytes().length;
        if (from > 0) {
            exchange.getResponseHeaders().set("Content-Range", "bytes %d-%d/%d".formatted(from, length - 1, length));
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, length - from);
    }

    /** Everything asked so far, oldest first. */
    List<Request> requests() {
        return requests;
    }

    /** How often the bytes of a file were asked for, wherever they are kept. */
    long gets(String file) {
        return requests.stream()
                .filter(it -> it.method().equals("GET") && it.path().endsWith(file))
                .filter(it -> !it.ofHub() || !isLarge(it.path()))
                .count();
    }

    private boolean isLarge(String path) {
        return find(path).filter(Stored::large).isPresent();
    }

    private void log(HttpExchange exchange, boolean ofHub) {
        requests.add(new Request(
                ofHub,
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")),
                Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range"))));
    }

    private Optional<Stored> find(String path) {
        return file(path).flatMap(file -> models.entrySet().stream()
                .filter(it -> path.startsWith("/" + it.getKey() + "/resolve/"))
                .findFirst()
                .flatMap(it -> Optional.ofNullable(it.getValue().get(file))));
    }

    /** The file a path {@code /org/name/resolve/revision/file} names. */
    private static Optional<String> file(String path) {
        int at = path.indexOf("/resolve/");
        String[] parts = at < 0
                ? new String[0]
                : path.substring(at + "/resolve/".length()).split("/", 2);
        return parts.length == 2 ? Optional.of(parts[1]) : Optional.empty();
    }

    private Optional<Answer> fault(HttpExchange exchange, String path) {
        return file(path)
                .map(file -> faults.get(exchange.getRequestMethod() + " " + file))
                .flatMap(waiting -> Optional.ofNullable(waiting.poll()));
    }

    private void answerOfHub(HttpExchange exchange) throws IOException {
        log(exchange, true);
        String path = exchange.getRequestURI().getPath();
        Optional<Stored> found = find(path);
        boolean redirects = found.filter(Stored::large).isPresent()
                && exchange.getRequestMethod().equals("GET");
        Optional<Answer> fault = redirects ? Optional.empty() : fault(exchange, path);
        if (fault.isPresent()) {
            fault.get().give(exchange, found.orElse(new Stored(new byte[0], false)));
        } else if (isPrivate
                && !("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            status(401, "X-Error-Code", "RepoNotFound").give(exchange, new Stored(new byte[0], false));
        } else if (path.startsWith("/api/models/")) {
            list(exchange, path.substring("/api/models/".length()));
        } else {
            resolve(exchange, path, found);
        }
    }

    private void list(HttpExchange exchange, String path) throws IOException {
        String model = path.substring(0, path.indexOf("/revision/"));
        StringBuilder json = new StringBuilder("{\"siblings\": [");
        for (String file : models.getOrDefault(model, new LinkedHashMap<>()).keySet()) {
            json.append("{\"rfilename\": \"").append(file).append("\"},");
        }
        json.setLength(json.length() - 1);
        whole(exchange, json.append("]}").toString().getBytes(StandardCharsets.UTF_8));
    }

    private void resolve(HttpExchange exchange, String path, Optional<Stored> found) throws IOException {
        Stored nothing = new Stored(new byte[0], false);
        if (models.keySet().stream().noneMatch(it -> path.startsWith("/" + it + "/"))) {
            status(404, "X-Error-Code", "RepoNotFound").give(exchange, nothing);
            return;
        }
        if (!Arrays.asList("main", commit).contains(path.replaceFirst(".*/resolve/([^/]*)/.*", "$1"))) {
            status(404, "X-Error-Code", "RevisionNotFound").give(exchange, nothing);
            return;
        }
        exchange.getResponseHeaders().set("X-Repo-Commit", commit);
        if (found.isEmpty()) {
            status(404, "X-Error-Code", "EntryNotFound").give(exchange, nothing);
            return;
        }
        Stored file = found.get();
        if (file.large()) {
            exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + file.etag() + "\"");
            exchange.getResponseHeaders().set("X-Linked-Size", String.valueOf(file.bytes().length));
            status(302, "Location", "http://localhost:" + store.getAddress().getPort() + path)
                    .give(exchange, file);
        } else {
            exchange.getResponseHeaders().set("ETag", "W/\"" + file.etag() + "\"");
            send(exchange, file);
        }
    }

    private void answerOfStore(HttpExchange exchange) throws IOException {
        log(exchange, false);
        String path = exchange.getRequestURI().getPath();
        Stored file = find(path).orElseThrow();
        Optional<Answer> fault = fault(exchange, path);
        if (fault.isPresent()) {
            fault.get().give(exchange, file);
        } else {
            send(exchange, file);
        }
    }

    private static void send(HttpExchange exchange, Stored file) throws IOException {
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", String.valueOf(file.bytes().length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        int from = from(exchange);
        range(exchange, file, from);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(file.bytes(), from, file.bytes().length - from);
        }
    }

    @Override
    public void close() {
        hub.stop(0);
        store.stop(0);
        threads.shutdownNow();
    }
}
