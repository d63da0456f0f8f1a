package org.lens4j.hub;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lens4j.error.UsageException;

/**
 * Where models come from and where they are kept, as the environment says it. The variables are those of Python's
 * huggingface_hub, so both use the same cache and the same token.
 *
 * @param endpoint the hub's address, without a slash at its end
 * @param cache the folder of all models, {@code ~/.cache/huggingface/hub}
 * @param token what opens private and gated models
 * @param offlineBy the variable that forbids the network; empty if it is allowed
 * @param timeout how long a connection may be silent
 */
public record HubSettings(
        URI endpoint, Path cache, Optional<String> token, Optional<String> offlineBy, Duration timeout) {
    private static final String DEFAULT_ENDPOINT = "https://huggingface.co";
    private static final Set<String> TRUE = Set.of("1", "ON", "YES", "TRUE");
    private static final Pattern VARIABLE = Pattern.compile("\\$(?:(\\w+)|\\{([^}]*)\\})");
    private static final int DEFAULT_SECONDS = 10;

    /**
     * Checks the address and the token.
     *
     * @throws UsageException if the address is not one of http or https, or the token cannot be sent
     */
    public HubSettings {
        String scheme = String.valueOf(endpoint.getScheme()).toLowerCase(Locale.ROOT);
        if (!(scheme.equals("https") || scheme.equals("http")) || endpoint.getHost() == null) {
            throw noAddress(endpoint.toString());
        }
        if (token.isPresent() && !token.get().matches("[\\x21-\\x7e]+")) {
            throw new UsageException(
                    "The token for %s holds blanks or characters no token has. Set HF_TOKEN to the token alone."
                            .formatted(endpoint));
        }
    }

    /**
     * Reads the environment: HF_HOME, HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, XDG_CACHE_HOME, HF_TOKEN, HF_TOKEN_PATH,
     * HF_ENDPOINT, HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE, HF_HUB_DOWNLOAD_TIMEOUT, HF_HUB_DISABLE_IMPLICIT_TOKEN.
     *
     * @param environment the variables, usually {@code System.getenv()}
     * @throws UsageException if HF_ENDPOINT is no address
     */
    public static HubSettings fromEnvironment(Map<String, String> environment) {
        Variables variables = new Variables(environment);
        Path home = variables.path("HF_HOME").orElseGet(() -> variables
                .path("XDG_CACHE_HOME")
                .orElseGet(() -> variables.home().resolve(".cache"))
                .resolve("huggingface"));
        Path cache = variables
                .path("HF_HUB_CACHE")
                .or(() -> variables.path("HUGGINGFACE_HUB_CACHE"))
                .orElseGet(() -> home.resolve("hub"));
        Path tokenFile = variables.path("HF_TOKEN_PATH").orElseGet(() -> home.resolve("token"));
        Optional<String> token = variables.isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN")
                ? Optional.empty()
                : variables
                        .text("HF_TOKEN")
                        .or(() -> variables.text("HUGGING_FACE_HUB_TOKEN"))
                        .or(() -> tokenIn(tokenFile));
        Optional<String> offline = variables.isTrue("HF_HUB_OFFLINE")
                ? Optional.of("HF_HUB_OFFLINE")
                : Optional.of("TRANSFORMERS_OFFLINE").filter(variables::isTrue);
        return new HubSettings(
                address(variables.text("HF_ENDPOINT").orElse(DEFAULT_ENDPOINT)),
                cache.toAbsolutePath().normalize(),
                token,
                offline,
                Duration.ofSeconds(variables.seconds("HF_HUB_DOWNLOAD_TIMEOUT")));
    }

    private static Optional<String> tokenIn(Path file) {
        try {
            return Optional.of(Files.readString(file).strip()).filter(it -> !it.isEmpty());
        } catch (IOException none) {
            // Public models need no token; where one is needed, the message says where it was looked for.
            return Optional.empty();
        }
    }

    private static URI address(String text) {
        try {
            return new URI(text.replaceFirst("/+$", ""));
        } catch (URISyntaxException e) {
            throw noAddress(text);
        }
    }

    private static UsageException noAddress(String text) {
        return new UsageException(
                "HF_ENDPOINT is \"%s\", which is no address of http or https. Unset it, or write https://huggingface.co."
                        .formatted(text));
    }

    /** The settings without the token. */
    @Override
    public String toString() {
        return "HubSettings[endpoint=%s, cache=%s, token=%s, offlineBy=%s, timeout=%s]"
                .formatted(endpoint, cache, token.isPresent() ? "set" : "none", offlineBy, timeout);
    }

    /** The environment, read as Python reads it. */
    private record Variables(Map<String, String> environment) {
        Optional<String> text(String name) {
            return Optional.ofNullable(environment.get(name)).map(String::strip).filter(it -> !it.isEmpty());
        }

        boolean isTrue(String name) {
            return text(name)
                    .filter(it -> TRUE.contains(it.toUpperCase(Locale.ROOT)))
                    .isPresent();
        }

        int seconds(String name) {
            return text(name)
                    .filter(it -> it.matches("[1-9]\\d{0,4}"))
                    .map(Integer::parseInt)
                    .orElse(DEFAULT_SECONDS);
        }

        Path home() {
            return Path.of(text("HOME").or(() -> text("USERPROFILE")).orElseGet(() -> System.getProperty("user.home")));
        }

        Optional<Path> path(String name) {
            return text(name).map(this::expanded).map(Path::of);
        }

        private String expanded(String path) {
            String atHome = path.equals("~") || path.startsWith("~/") || path.startsWith("~\\")
                    ? home() + path.substring(1)
                    : path;
            Matcher matcher = VARIABLE.matcher(atHome);
            return matcher.replaceAll(found -> {
                String name = Optional.ofNullable(found.group(1)).orElseGet(() -> found.group(2));
                return Matcher.quoteReplacement(
                        Optional.ofNullable(environment.get(name)).orElseGet(found::group));
            });
        }
    }
}
