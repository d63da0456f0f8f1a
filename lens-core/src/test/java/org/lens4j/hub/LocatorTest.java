package org.lens4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.HubException;
import org.lens4j.error.UnknownNameException;

class LocatorTest {
    private static final String NEO = "EleutherAI/gpt-neo-125M";
    private static final String SECOND = "f".repeat(40);

    @TempDir
    private Path cache;

    private EmulatedHub hub;

    @BeforeEach
    void start() throws IOException {
        hub = new EmulatedHub();
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private HubOptions options() {
        return HubOptions.of(hub.settings(cache));
    }

    private ModelFiles locate(String name) {
        return new Locator(options(), TestMachine.usual()).locate(name);
    }

    /** A model as Python leaves it in the cache. */
    private Path layOut(String model, String... files) throws IOException {
        Path folder = cache.resolve("models--" + model.replace("/", "--"));
        Path snapshot = Files.createDirectories(folder.resolve("snapshots").resolve(EmulatedHub.COMMIT));
        Files.createDirectories(folder.resolve("blobs"));
        Files.createDirectories(folder.resolve("refs"));
        Files.writeString(folder.resolve("refs/main"), EmulatedHub.COMMIT);
        for (String file : files) {
            Files.writeString(folder.resolve("blobs/etag-of-" + file), "content of " + file);
            Files.createSymbolicLink(snapshot.resolve(file), Path.of("../../blobs/etag-of-" + file));
        }
        return snapshot;
    }

    private List<String> layout() throws IOException {
        try (Stream<Path> all = Files.walk(cache)) {
            return all.filter(it -> !Files.isDirectory(it) || Files.isSymbolicLink(it))
                    .map(it -> cache.relativize(it).toString().replace('\\', '/')
                            + (Files.isSymbolicLink(it) ? " -> " + target(it) : ""))
                    .sorted()
                    .toList();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString().replace('\\', '/');
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void what_is_downloaded_lies_as_huggingface_hub_lays_it_out() throws IOException {
        hub.small("org/tiny", "config.json", "{}").large("org/tiny", "model.safetensors", new byte[10]);
        locate("org/tiny");
        String config = hub.stored("org/tiny", "config.json").etag();
        String weights = hub.stored("org/tiny", "model.safetensors").etag();
        String snapshot = "models--org--tiny/snapshots/" + EmulatedHub.COMMIT + "/";
        String absent = "models--org--tiny/.no_exist/" + EmulatedHub.COMMIT + "/";
        assertThat(config).isEqualTo("9e26dfeeb6e641a33dae4961196235bdb965b21b");
        assertThat(layout())
                .containsExactlyInAnyOrder(
                        ".locks/models--org--tiny/" + config + ".lock",
                        ".locks/models--org--tiny/" + weights + ".lock",
                        absent + "generation_config.json",
                        absent + "tokenizer.json",
                        absent + "tokenizer_config.json",
                        "models--org--tiny/blobs/" + config,
                        "models--org--tiny/blobs/" + weights,
                        "models--org--tiny/refs/main",
                        snapshot + "config.json -> ../../blobs/" + config,
                        snapshot + "model.safetensors -> ../../blobs/" + weights);
        assertThat(cache.resolve("models--org--tiny/refs/main")).hasContent(EmulatedHub.COMMIT);
    }

    @Test
    void where_links_are_not_to_be_had_the_snapshot_holds_the_files() throws IOException {
        hub.small("org/tiny", "config.json", "{}").large("org/tiny", "model.safetensors", new byte[10]);
        ModelFiles files = new Locator(options(), TestMachine.withoutLinks()).locate("org/tiny");
        assertThat(files.weights()).hasBinaryContent(new byte[10]);
        assertThat(layout()).noneMatch(it -> it.contains("->") || it.contains("/blobs/"));
        int before = hub.requests().size();
        locate("org/tiny");
        assertThat(hub.requests()).hasSize(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"gpt-neo-125m", "GPT-Neo-125M", "neo", "EleutherAI/gpt-neo-125M", "eleutherai/GPT-NEO-125m"})
    void what_python_downloaded_is_found_under_every_name(String name) throws IOException {
        Path snapshot = layOut(NEO, "config.json", "model.safetensors");
        ModelFiles files = locate(name);
        assertThat(files.directory()).isEqualTo(snapshot);
        assertThat(files.name()).isEqualTo("gpt-neo-125M");
        assertThat(files.origin()).isEqualTo(new Origin.Snapshot(new ModelId(NEO), Revision.MAIN, EmulatedHub.COMMIT));
        assertThat(hub.requests()).isEmpty();
    }

    @Test
    void another_spelling_in_the_cache_is_the_same_model() throws IOException {
        Path snapshot = layOut("EleutherAI/gpt-neo-125m", "config.json", "pytorch_model.bin");
        assertThat(locate("gpt-neo-small").directory()).isEqualTo(snapshot);
        assertThat(locate("gpt-neo-small").checkpoint()).contains(snapshot.resolve("pytorch_model.bin"));
        Path gpt2 = layOut("openai-community/gpt2", "config.json", "model.safetensors");
        assertThat(locate("gpt2").directory()).isEqualTo(gpt2);
        assertThat(hub.requests()).isEmpty();
    }

    @Test
    void a_bare_name_only_the_cache_knows_is_found_there() throws IOException {
        Path snapshot = layOut("my-model", "config.json", "model.safetensors");
        assertThat(locate("My-Model").directory()).isEqualTo(snapshot);
    }

    @Test
    void a_bare_word_nobody_knows_asks_nobody() {
        assertThatThrownBy(() -> locate("gpt2-smal"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Unknown model \"gpt2-smal\"")
                .hasMessageContaining("gpt2-small");
        assertThat(hub.requests()).isEmpty();
    }

    @Test
    void only_what_is_missing_is_fetched_and_of_the_same_commit() throws IOException {
        layOut(NEO, "config.json", "tokenizer.json");
        hub.commit(SECOND).small(NEO, "config.json", "{}").large(NEO, "model.safetensors", new byte[10]);
        assertThatThrownBy(() -> locate("neo"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("no revision \"" + EmulatedHub.COMMIT);
        hub.commit(EmulatedHub.COMMIT);
        assertThat(locate("neo").weights()).hasBinaryContent(new byte[10]);
        assertThat(hub.gets("config.json")).isZero();
    }

    @Test
    void refresh_asks_the_hub_and_fetches_only_what_changed() throws IOException {
        hub.small(NEO, "config.json", "{}").large(NEO, "model.safetensors", new byte[10]);
        locate("neo");
        hub.commit(SECOND).small(NEO, "config.json", "{ }");
        assertThat(locate("neo").directory()).endsWith(Path.of(EmulatedHub.COMMIT));
        ModelFiles fresh = new Locator(options().withRefresh(), TestMachine.usual()).locate("neo");
        assertThat(fresh.directory()).endsWith(Path.of(SECOND));
        assertThat(fresh.config()).hasContent("{ }");
        assertThat(hub.gets("model.safetensors")).isEqualTo(1);
        assertThat(locate("neo").directory()).endsWith(Path.of(SECOND));
        assertThat(new Locator(options().withRevision(EmulatedHub.COMMIT), TestMachine.usual())
                        .locate("neo")
                        .directory())
                .endsWith(Path.of(EmulatedHub.COMMIT));
    }

    @Test
    void shards_are_fetched_by_their_list() throws IOException {
        hub.small("org/big", "config.json", "{}")
                .small(
                        "org/big",
                        "model.safetensors.index.json",
                        "{\"weight_map\": {\"a\": \"model-1.safetensors\", \"b\": \"part/model-2.safetensors\", \"c\": \"model-1.safetensors\"}}")
                .large("org/big", "model-1.safetensors", new byte[] {1})
                .large("org/big", "part/model-2.safetensors", new byte[] {2});
        ModelFiles files = locate("org/big");
        assertThat(files.shards())
                .containsExactly(
                        files.directory().resolve("model-1.safetensors"),
                        files.directory().resolve("part/model-2.safetensors"));
        assertThat(files.shards().get(1)).hasBinaryContent(new byte[] {2});
        assertThat(layout()).anyMatch(it -> it.contains("part/model-2.safetensors -> ../../../blobs/"));
        Files.delete(files.shards().get(0));
        assertThat(locate("org/big").shards().get(0)).hasBinaryContent(new byte[] {1});
        assertThat(hub.gets("model-1.safetensors")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../../../evil", "/etc/passwd", "a\\\\b", "nul"})
    void a_list_of_shards_leads_nowhere_else(String shard) {
        hub.small("org/big", "config.json", "{}")
                .small("org/big", "model.safetensors.index.json", "{\"weight_map\": {\"a\": \"" + shard + "\"}}");
        assertThatThrownBy(() -> locate("org/big"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("which is refused");
        assertThat(hub.requests())
                .noneMatch(it -> it.path().contains("evil") || it.path().contains("passwd"));
    }

    @Test
    void a_damaged_list_of_shards_is_named() {
        hub.small("org/big", "config.json", "{}").small("org/big", "model.safetensors.index.json", "[1, 2]");
        assertThatThrownBy(() -> locate("org/big"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("is no list of shards");
    }

    @Test
    void pickles_are_fetched_where_there_is_no_safetensors() {
        hub.small("org/old", "config.json", "{}")
                .small("org/old", "tokenizer.json", "{}")
                .large("org/old", "pytorch_model.bin", new byte[] {3});
        ModelFiles files = locate("org/old");
        assertThat(files.checkpoint()).contains(files.directory().resolve("pytorch_model.bin"));
        assertThat(files.tokenizer()).isPresent();
        assertThat(files.weights()).isEqualTo(files.directory().resolve("pytorch_model.bin"));
    }

    @Test
    void the_last_checkpoint_of_a_transformerlens_model_is_found_by_its_end() {
        hub.small("NeelNanda/GELU_1L512W_C4_Code", "config.json", "{}")
                .large("NeelNanda/GELU_1L512W_C4_Code", "model_100.pth", new byte[] {1})
                .large("NeelNanda/GELU_1L512W_C4_Code", "model_final.pth", new byte[] {2});
        ModelFiles files = locate("gelu-1l");
        assertThat(files.checkpoint().orElseThrow()).hasBinaryContent(new byte[] {2});
        int before = hub.requests().size();
        locate("gelu-1l");
        assertThat(hub.requests()).hasSize(before);
    }

    @Test
    void a_repository_that_is_no_model_is_named() {
        hub.small("org/text", "README.md", "hello");
        assertThatThrownBy(() -> locate("org/text"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("org/text has no config.json");
        hub.small("org/data", "README.md", "hello").small("org/data", "config.json", "{}");
        assertThatThrownBy(() -> locate("org/data"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("has no weights this library reads")
                .hasMessageContaining("README.md");
    }

    @Test
    void a_link_out_of_the_cache_is_refused(@TempDir Path elsewhere) throws IOException {
        Path secret = Files.writeString(elsewhere.resolve("secret.json"), "{}");
        for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
            Path snapshot = layOut("org/" + file, "config.json", "model.safetensors", "tokenizer.json");
            Files.delete(snapshot.resolve(file));
            Files.createSymbolicLink(snapshot.resolve(file), secret);
            assertThatThrownBy(() -> locate("org/" + file))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining(file + " leads out of the cache, to " + secret.toRealPath());
        }
    }

    @Test
    void a_note_that_is_no_commit_is_refused() throws IOException {
        layOut("org/tiny", "config.json", "model.safetensors");
        Files.writeString(cache.resolve("models--org--tiny/refs/main"), "../../../elsewhere");
        assertThatThrownBy(() -> locate("org/tiny"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("as a commit, which it cannot be");
    }

    @Test
    void a_link_whose_bytes_are_gone_is_fetched_again() throws IOException {
        hub.small(NEO, "config.json", "{}").large(NEO, "model.safetensors", new byte[10]);
        locate("neo");
        Files.delete(cache.resolve("models--EleutherAI--gpt-neo-125M/blobs")
                .resolve(hub.stored(NEO, "model.safetensors").etag()));
        assertThat(locate("neo").weights()).hasBinaryContent(new byte[10]);
    }

    @Test
    void a_cached_model_without_its_tokenizer_says_how_to_get_it() throws IOException {
        layOut(NEO, "config.json", "model.safetensors");
        assertThat(locate("gpt-neo-125m").lackOfTokenizer())
                .isEqualTo(
                        "gpt-neo-125M (EleutherAI/gpt-neo-125M in the cache) has no tokenizer.json there, so it takes"
                                + " token ids, not text. Use Tokens.of(ids), or download the file: load again with --refresh"
                                + " (HubOptions.withRefresh), without --offline and with HF_HUB_OFFLINE unset.");
    }

    @Test
    void a_model_whose_tokenizer_is_not_on_the_hub_either_says_so() {
        hub.small("org/tiny", "config.json", "{}").small("org/tiny", "model.safetensors", "weights");
        assertThat(locate("org/tiny").lackOfTokenizer())
                .isEqualTo("tiny (org/tiny) has no tokenizer.json on the hub, so it takes token ids, not text. Use"
                        + " Tokens.of(ids), or pass a directory with the file beside the weights.");
    }

    @Test
    void a_configuration_in_the_cache_is_found_without_its_weights_and_without_a_request() throws IOException {
        Path snapshot = layOut("org/tiny", "config.json");
        Path config = new Locator(options(), TestMachine.usual()).config("org/tiny");
        assertThat(config).isEqualTo(snapshot.resolve("config.json"));
        assertThat(hub.requests()).isEmpty();
    }

    @Test
    void a_configuration_comes_from_the_hub_alone_and_only_once() throws IOException {
        hub.small("org/tiny", "config.json", "{}").large("org/tiny", "model.safetensors", new byte[100]);
        Locator locator = new Locator(options(), TestMachine.usual());
        assertThat(locator.config("org/tiny")).hasContent("{}");
        int requests = hub.requests().size();
        assertThat(hub.requests()).noneMatch(it -> it.path().contains("model.safetensors"));
        assertThat(locator.config("org/tiny")).hasContent("{}");
        assertThat(hub.requests()).hasSize(requests);
        assertThat(locate("org/tiny").weights()).hasSize(100);
    }

    @Test
    void offline_a_configuration_that_is_not_there_says_what_is() {
        Locator offline = new Locator(options().withOffline(), TestMachine.usual());
        assertThatThrownBy(() -> offline.config("org/tiny"))
                .isInstanceOf(HubException.class)
                .hasMessageContaining("No model \"org/tiny\" in ")
                .hasMessageContaining("(offline)");
        assertThat(hub.requests()).isEmpty();
    }
}
