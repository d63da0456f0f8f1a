package org.lens4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.error.UsageException;

class HubSettingsTest {
    @TempDir
    private Path home;

    private HubSettings settings(String... namesAndValues) {
        Map<String, String> environment = new HashMap<>(Map.of("HOME", home.toString()));
        for (int i = 0; i < namesAndValues.length; i += 2) {
            environment.put(namesAndValues[i], namesAndValues[i + 1]);
        }
        return HubSettings.fromEnvironment(environment);
    }

    @Test
    void the_cache_is_where_huggingface_hub_looks() {
        assertThat(settings().cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
        assertThat(settings("XDG_CACHE_HOME", "/x").cache()).isEqualTo(Path.of("/x/huggingface/hub"));
        assertThat(settings("XDG_CACHE_HOME", "/x", "HF_HOME", "/hf").cache()).isEqualTo(Path.of("/hf/hub"));
        assertThat(settings("HF_HOME", "/hf", "HUGGINGFACE_HUB_CACHE", "/old").cache())
                .isEqualTo(Path.of("/old"));
        assertThat(settings("HUGGINGFACE_HUB_CACHE", "/old", "HF_HUB_CACHE", "/new")
                        .cache())
                .isEqualTo(Path.of("/new"));
        assertThat(settings("HF_HOME", " ").cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
    }

    @Test
    void home_and_variables_in_a_path_are_expanded() {
        assertThat(settings("HF_HOME", "~/hf").cache()).isEqualTo(home.resolve("hf/hub"));
        assertThat(settings("HF_HOME", "$DATA/${USER}/hf", "DATA", "/data", "USER", "me")
                        .cache())
                .isEqualTo(Path.of("/data/me/hf/hub"));
        assertThat(settings("HF_HUB_CACHE", "/a/$NOT_SET").cache()).isEqualTo(Path.of("/a/$NOT_SET"));
    }

    @ParameterizedTest
    @CsvSource({
        "HF_HUB_OFFLINE, 1, true",
        "HF_HUB_OFFLINE, yes, true",
        "HF_HUB_OFFLINE, On, true",
        "HF_HUB_OFFLINE, TRUE, true",
        "HF_HUB_OFFLINE, 0, false",
        "HF_HUB_OFFLINE, no, false",
        "TRANSFORMERS_OFFLINE, 1, true",
        "TRANSFORMERS_OFFLINE, false, false"
    })
    void either_variable_means_offline(String variable, String value, boolean offline) {
        assertThat(HubOptions.of(settings(variable, value)).isOffline()).isEqualTo(offline);
        assertThat(settings(variable, value).offlineBy().isPresent()).isEqualTo(offline);
    }

    @Test
    void the_token_is_that_of_the_variable_or_the_file() throws IOException {
        assertThat(settings().token()).isEmpty();
        Path file = home.resolve(".cache/huggingface/token");
        Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, "hf_file\n");
        assertThat(settings().token()).contains("hf_file");
        assertThat(settings("HUGGING_FACE_HUB_TOKEN", "hf_old").token()).contains("hf_old");
        assertThat(settings("HF_TOKEN", " hf_new\n").token()).contains("hf_new");
        assertThat(settings("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1").token()).isEmpty();
        Files.writeString(home.resolve("other"), "hf_other");
        assertThat(settings("HF_TOKEN_PATH", "~/other").token()).contains("hf_other");
    }

    @Test
    void the_token_is_never_shown() {
        HubSettings settings = settings("HF_TOKEN", "hf_secret");
        assertThat(settings.toString()).doesNotContain("hf_secret").contains("token=set");
        assertThat(HubOptions.of(settings).toString()).doesNotContain("hf_secret");
        assertThatThrownBy(() -> settings("HF_TOKEN", "hf_se\u0007cret"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("Set HF_TOKEN")
                .hasMessageNotContaining("cret");
    }

    @Test
    void the_endpoint_loses_its_last_slash() {
        assertThat(settings().endpoint()).hasToString("https://huggingface.co");
        assertThat(settings("HF_ENDPOINT", "https://mirror.example/hf/").endpoint())
                .hasToString("https://mirror.example/hf");
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc", "mirror.example", "https://", "ht tp://x", "ftp://x"})
    void what_is_no_address_is_refused(String endpoint) {
        assertThatThrownBy(() -> settings("HF_ENDPOINT", endpoint))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("HF_ENDPOINT is \"" + endpoint)
                .hasMessageContaining("https://huggingface.co");
    }

    @Test
    void the_timeout_is_in_seconds() {
        assertThat(settings().timeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings("HF_HUB_DOWNLOAD_TIMEOUT", "45").timeout()).isEqualTo(Duration.ofSeconds(45));
        assertThat(settings("HF_HUB_DOWNLOAD_TIMEOUT", "soon").timeout()).isEqualTo(Duration.ofSeconds(10));
    }
}
