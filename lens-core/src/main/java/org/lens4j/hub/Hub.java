package org.lens4j.hub;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.lens4j.error.HubException;

/** What the hub is asked, and what its answers mean. It exists only where the network is allowed. */
final class Hub {
    private final HubSettings settings;
    private final Machine machine;
    private final Http http;

    Hub(HubSettings settings, Machine machine) {
        this.settings = settings;
        this.machine = machine;
        this.http = new Http(settings);
    }

    /**
     * Asks about a file without fetching it.
     *
     * @param revision a branch, tag or commit
     * @throws HubException if the hub does not know the model or the revision, does not give it, or cannot be reached
     */
    RemoteFile ask(ModelId id, String revision, String file) throws InterruptedException {
        Http.Ask ask = new Http.Ask("HEAD", address(id, revision, file), Map.of(), false);
        HttpResponse<Void> answer = patiently(id, ask);
        int status = answer.statusCode();
        if (status >= 200 && status < 400) {
            return present(id, file, answer);
        }
        Refusal refusal = new Refusal(settings, id, revision, answer);
        if (refusal.isFileOnly(file)) {
            return new RemoteFile.Absent(
                    answer.headers().firstValue("X-Repo-Commit").filter(it -> SafeName.problem(it)
                            .isEmpty()));
        }
        throw refusal.exception();
    }

    private HttpResponse<Void> patiently(ModelId id, Http.Ask ask) throws InterruptedException {
        Patience patience = new Patience(machine);
        try {
            while (true) {
                try {
                    HttpResponse<Void> answer = http.send(ask, BodyHandlers.discarding(), Http.Watch.NONE);
                    if (!Patience.mayPass(answer.statusCode())) {
                        return answer;
                    }
                    patience.after(answer);
                } catch (Patience.BusyException givenUp) {
                    throw givenUp;
                } catch (IOException broken) {
                    patience.after(broken);
                }
            }
        } catch (IOException e) {
            throw unreachable(id, e);
        }
    }

    private RemoteFile present(ModelId id, String file, HttpResponse<?> answer) {
        Optional<String> commit = answer.headers().firstValue("X-Repo-Commit").filter(it -> SafeName.problem(it)
                .isEmpty());
        Optional<String> etag = answer.headers()
                .firstValue("X-Linked-Etag")
                .or(() -> answer.headers().firstValue("ETag"))
                .map(it -> it.replaceFirst("^W/", "").replace("\"", ""))
                .filter(it -> SafeName.problem(it).isEmpty());
        if (commit.isEmpty() || etag.isEmpty()) {
            throw new HubException(
                    "%s answered for %s of %s without the commit and etag that a Hugging Face hub sends. Check HF_ENDPOINT, or whether a proxy is in the way."
                            .formatted(settings.endpoint(), file, id));
        }
        boolean elsewhere = answer.statusCode() >= 300;
        OptionalLong linked = answer.headers().firstValueAsLong("X-Linked-Size");
        OptionalLong size =
                linked.isPresent() || elsewhere ? linked : answer.headers().firstValueAsLong("Content-Length");
        return new RemoteFile.Present(commit.get(), etag.get(), size);
    }

    /**
     * Fetches the bytes a file still lacks.
     *
     * @param part takes them; as much as arrived stays there if this fails
     * @param tell told how far it is
     * @throws PartFile.DiskException if the disk does not take them
     */
    void fetch(ModelId id, String commit, String file, PartFile part, Runnable tell)
            throws PartFile.DiskException, InterruptedException {
        Patience patience = new Patience(machine);
        try {
            while (!part.isFull()) {
                long before = part.size();
                try {
                    if (attempt(id, commit, file, part, tell, patience)) {
                        return;
                    }
                } catch (PartFile.DiskException | Patience.BusyException final_) {
                    throw final_;
                } catch (IOException broken) {
                    if (part.size() > before) {
                        patience.forget();
                    }
                    patience.after(broken);
                }
            }
        } catch (PartFile.DiskException e) {
            throw e;
        } catch (IOException e) {
            throw new HubException(
                    "%s of %s broke off at %s, %d times in a row: %s. What came is kept; load again to go on from there."
                            .formatted(file, id, FileSize.of(part.size()), Patience.MOST, described(e)),
                    e);
        }
    }

    /** One request; whether everything is there. */
    private boolean attempt(ModelId id, String commit, String file, PartFile part, Runnable tell, Patience patience)
            throws IOException, InterruptedException {
        long from = part.size();
        Map<String, String> range = from == 0 ? Map.of() : Map.of("Range", "bytes=" + from + "-");
        Http.Watch watch = () -> {
            tell.run();
            return part.size();
        };
        Http.Ask ask = new Http.Ask("GET", address(id, commit, file), range, true);
        HttpResponse<Void> answer = http.send(ask, Arrival.into(part), watch);
        int status = answer.statusCode();
        if (status == 200 || status == 206) {
            if (part.total().isPresent() && !part.isFull()) {
                throw new IOException("the connection ended early");
            }
            return true;
        }
        if (status == 416) {
            part.restart();
            patience.after(answer);
        } else if (Patience.mayPass(status)) {
            patience.after(answer);
        } else {
            throw new Refusal(settings, id, commit, answer).exception();
        }
        return false;
    }

    /**
     * The names of all files of a model.
     *
     * @throws HubException as {@link #ask}
     */
    List<String> files(ModelId id, String commit) throws InterruptedException {
        URI uri = URI.create("%s/api/models/%s/revision/%s"
                .formatted(
                        settings.endpoint(), escaped(id.text()), escaped(commit).replace("/", "%2F")));
        try {
            HttpResponse<String> answer = http.send(
                    new Http.Ask("GET", uri, Map.of(), true),
                    BodyHandlers.ofString(StandardCharsets.UTF_8),
                    Http.Watch.NONE);
            if (answer.statusCode() != 200) {
                throw new Refusal(settings, id, commit, answer).exception();
            }
            return JsonParser.parseString(answer.body()).getAsJsonObject().getAsJsonArray("siblings").asList().stream()
                    .map(JsonElement::getAsJsonObject)
                    .map(it -> it.get("rfilename").getAsString())
                    .filter(it -> SafeName.problemOfPath(it).isEmpty())
                    .toList();
        } catch (IOException e) {
            throw unreachable(id, e);
        } catch (JsonParseException | IllegalStateException | NullPointerException e) {
            throw new HubException(
                    "%s did not list the files of %s in the form of a Hugging Face hub. Check HF_ENDPOINT, or pass a directory."
                            .formatted(settings.endpoint(), id),
                    e);
        }
    }

    private HubException unreachable(ModelId id, IOException cause) {
        return new HubException(
                "%s could not be reached for %s: %s. Check the connection, the proxy and HF_ENDPOINT, or pass a directory."
                        .formatted(settings.endpoint(), id, described(cause)),
                cause);
    }

    private static String described(IOException failure) {
        String message = Optional.ofNullable(failure.getMessage()).orElse("");
        return failure instanceof Patience.BusyException
                ? message
                : (failure.getClass().getSimpleName() + " " + message).strip();
    }

    private URI address(ModelId id, String revision, String file) {
        return URI.create("%s/%s/resolve/%s/%s"
                .formatted(
                        settings.endpoint(),
                        escaped(id.text()),
                        escaped(revision).replace("/", "%2F"),
                        escaped(file)));
    }

    private static String escaped(String path) {
        return Arrays.stream(path.split("/", -1))
                .map(it -> URLEncoder.encode(it, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/"));
    }
}
