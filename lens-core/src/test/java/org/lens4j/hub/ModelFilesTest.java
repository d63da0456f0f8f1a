package org.lens4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.UsageException;

class ModelFilesTest {
    @TempDir
    private Path folder;

    @Test
    void a_directory_is_never_matched_against_names() throws IOException {
        Path gpt2 = Files.createDirectories(folder.resolve("gpt2"));
        Files.writeString(gpt2.resolve("config.json"), "{}");
        ModelFiles files = ModelFiles.locate(gpt2.toString());
        assertThat(files.origin()).isEqualTo(new Origin.Folder());
        assertThat(files.directory()).isEqualTo(gpt2);
        assertThat(files.name()).isEqualTo("gpt2");
    }

    @Test
    void a_checkpoint_is_loaded_by_its_own_path() throws IOException {
        Path checkpoint = Files.writeString(folder.resolve("ckpt.pt"), "x");
        Files.writeString(folder.resolve("model.safetensors"), "x");
        ModelFiles files = ModelFiles.locate(checkpoint.toString());
        assertThat(files.checkpoint()).contains(checkpoint);
        assertThat(files.configuration()).isEmpty();
        assertThatThrownBy(files::config)
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("has no config.json");
    }

    @Test
    void a_directory_with_a_nanogpt_checkpoint_or_a_native_configuration_is_a_model() throws IOException {
        Path nano = Files.createDirectories(folder.resolve("nano"));
        Files.writeString(nano.resolve("ckpt.pt"), "x");
        assertThat(ModelFiles.ofDirectory(nano).checkpoint()).contains(nano.resolve("ckpt.pt"));
        Path nativeOne = Files.createDirectories(folder.resolve("native"));
        Files.writeString(nativeOne.resolve("tl_config.json"), "{}");
        Files.writeString(nativeOne.resolve("expected.safetensors"), "x");
        Files.writeString(nativeOne.resolve("model_final.pth"), "x");
        ModelFiles files = ModelFiles.ofDirectory(nativeOne);
        assertThat(files.config()).isEqualTo(nativeOne.resolve("tl_config.json"));
        assertThat(files.checkpoint()).contains(nativeOne.resolve("model_final.pth"));
    }

    @Test
    void what_only_the_hub_has_is_not_asked_of_this_machine() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{}");
        Files.writeString(folder.resolve("model.safetensors"), "x");
        for (String local : List.of(folder.toString(), "demo")) {
            HubOptions plain = HubOptions.defaults();
            assertThatThrownBy(() -> ModelFiles.locate(local, plain.withRevision("step1000")))
                    .isInstanceOf(UsageException.class)
                    .hasMessage(
                            "%s is on this machine, not on the hub, so it has no revision step1000. Leave out --revision (withRevision), or load the model by its name on the hub.",
                            local);
            assertThatThrownBy(() -> ModelFiles.locate(local, plain.withRefresh()))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("it has no newer version to be asked for. Leave out --refresh (withRefresh)");
            assertThat(ModelFiles.locate(local, plain.withRevision("main").withOffline())
                            .name())
                    .isNotEmpty();
        }
        assertThatThrownBy(() -> ModelFiles.locateWeights(
                        folder.toString(), HubOptions.defaults().withRefresh()))
                .isInstanceOf(UsageException.class);
    }

    @Test
    void names_that_are_no_names_are_refused_and_paths_are_only_paths() {
        assertThatThrownBy(() -> ModelFiles.locate("a/b\u0000c")).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> ModelFiles.locate("NUL/x")).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> ModelFiles.locate("../../no-such-etc"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("No directory ");
        assertThatThrownBy(() -> ModelFiles.locate("/no/such/etc"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("No directory ");
    }
}
