package org.lens4j.hub;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpTimeoutException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Requests to the hub. Redirects are followed by hand, so that the token is sent to the hub's own address only. A caller
 * that is interrupted stops waiting at once, and a connection that is silent too long counts as broken.
 */
final class Http {
    private static final int MOST_REDIRECTS = 10;
    private static final long BEAT_MILLIS = 100;

    private final HubSettings settings;
    private final HttpClient client;

    Http(HubSettings settings) {
        this.settings = settings;
        this.client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(settings.timeout())
                .build();
    }

    /**
     * A request.
     *
     * @param method HEAD or GET
     * @param uri where to
     * @param headers besides the token and the agent
     * @param leavesHub whether to follow a redirect to another host; its answer lacks the hub's headers
     */
    record Ask(String method, URI uri, Map<String, String> headers, boolean leavesHub) {}

    /** Looks at a running request now and then, on the caller's thread. */
    interface Watch {
        /** Watches nothing. */
        Watch NONE = () -> 0;

        /** A number that grows as long as something arrives. */
        long arrived();
    }

    /**
     * Sends a request and waits for the whole answer.
     *
     * @return an answer that is no redirect, or one that leaves the hub if the request must not
     */
    <T> HttpResponse<T> send(Ask ask, BodyHandler<T> body, Watch watch) throws IOException, InterruptedException {
        URI uri = ask.uri();
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            HttpResponse<T> response = await(client.sendAsync(request(ask, uri), body), watch);
            Optional<URI> next = redirect(uri, response);
            if (next.isEmpty() || (!ask.leavesHub() && !isHub(next.get()))) {
                return response;
            }
            uri = checked(uri, next.get());
        }
        throw new IOException("more than %d redirects".formatted(MOST_REDIRECTS));
    }

    private HttpRequest request(Ask ask, URI uri) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .method(ask.method(), HttpRequest.BodyPublishers.noBody())
                .header("User-Agent", "lens4j")
                .header("Accept-Encoding", "identity");
        ask.headers().forEach(request::header);
        if (isHub(uri)) {
            settings.token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        }
        return request.build();
    }

    /** Whether an address is the hub's own: same scheme, host and port. */
    private boolean isHub(URI uri) {
        URI hub = settings.endpoint();
        return hub.getScheme().equalsIgnoreCase(String.valueOf(uri.getScheme()))
                && hub.getHost().equalsIgnoreCase(String.valueOf(uri.getHost()))
                && hub.getPort() == uri.getPort();
    }

    private static Optional<URI> redirect(URI from, HttpResponse<?> response) throws IOException {
        int status = response.statusCode();
        if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308) {
            return Optional.empty();
        }
        String location = response.headers()
                .firstValue("Location")
                .orElseThrow(() -> new IOException("a redirect (%d) to nowhere".formatted(status)));
        try {
            return Optional.of(from.resolve(location));
        } catch (IllegalArgumentException e) {
            throw new IOException("a redirect to \"%s\", which is no address".formatted(location), e);
        }
    }

    private static URI checked(URI from, URI to) throws IOException {
        String scheme = String.valueOf(to.getScheme()).toLowerCase(Locale.ROOT);
        boolean downgrade = from.getScheme().equalsIgnoreCase("https") && !scheme.equals("https");
        if (downgrade || !(scheme.equals("http") || scheme.equals("https")) || to.getHost() == null) {
            throw new IOException("a redirect from %s to %s, which is not followed".formatted(from, to));
        }
        return to;
    }

    private <T> HttpResponse<T> await(CompletableFuture<HttpResponse<T>> answer, Watch watch)
            throws IOException, InterruptedException {
        long arrived = watch.arrived();
        long since = System.nanoTime();
        while (true) {
            try {
                return answer.get(BEAT_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException running) {
                long now = watch.arrived();
                if (now != arrived) {
                    arrived = now;
                    since = System.nanoTime();
                } else if (System.nanoTime() - since > settings.timeout().toNanos()) {
                    answer.cancel(true);
                    throw new HttpTimeoutException("nothing came for %,d ms"
                            .formatted(settings.timeout().toMillis()));
                }
            } catch (InterruptedException e) {
                answer.cancel(true);
                throw e;
            } catch (ExecutionException e) {
                throw unwrapped(e);
            }
        }
    }

    /** What really happened, below the layers the client wraps it in. */
    private static IOException unwrapped(ExecutionException failure) {
        Throwable cause = failure;
        while (true) {
            if (cause instanceof PartFile.DiskException || cause instanceof PartFile.TooLongException) {
                return (IOException) cause;
            }
            Throwable next = cause.getCause();
            if (next == null) {
                break;
            }
            cause = next;
        }
        return failure.getCause() instanceof IOException io ? io : new IOException(failure.getCause());
    }
}
