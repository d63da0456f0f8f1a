package org.lens4j.kernel.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.error.UsageException;

class KernelSpecTest {
    private final KernelSpec spec = KernelSpec.ofThisJava("lib/a.jar" + File.pathSeparator + "lib/*", "a.Main");

    @Test
    void json_says_how_to_start_the_kernel() {
        JsonObject json = JsonParser.parseString(spec.json()).getAsJsonObject();
        List<String> argv = json.getAsJsonArray("argv").asList().stream()
                .map(e -> e.getAsString())
                .toList();
        assertThat(Path.of(argv.get(0))).isAbsolute().isExecutable();
        assertThat(argv).containsSubsequence("-Djava.awt.headless=true", "-cp", "a.Main", "{connection_file}");
        assertThat(argv).noneMatch(word -> word.startsWith("#") || word.startsWith("@"));
        assertThat(json.get("interrupt_mode").getAsString()).isEqualTo("message");
        assertThat(json.get("language").getAsString()).isEqualTo("java");
        assertThat(json.get("display_name").getAsString()).isEqualTo("Java (Lens4J)");
        assertThat(json.get("env").getAsJsonObject().get("OMP_WAIT_POLICY").getAsString())
                .isEqualTo("PASSIVE");
        assertThat(json.get("env").getAsJsonObject().get("GLIBC_TUNABLES").getAsString())
                .isEqualTo("glibc.malloc.hugetlb=1");
    }

    @Test
    void the_class_path_does_not_depend_on_the_current_directory() {
        List<String> entries = List.of(spec.classPath().split(File.pathSeparator, -1));
        assertThat(entries).hasSize(2).allMatch(entry -> Path.of(entry.replace("*", ""))
                .isAbsolute());
        assertThat(entries.get(1)).endsWith("lib" + File.separator + "*");
    }

    @Test
    void installs_over_itself_and_leaves_nothing_when_removed(@TempDir Path directory) throws IOException {
        Path kernels = SpecPlace.prefix(directory).kernels(linux(Map.of()));
        spec.install(kernels);
        Path installed = spec.install(kernels);
        assertThat(installed).isEqualTo(directory.resolve("share/jupyter/kernels/lens4j"));
        assertThat(Files.readString(installed.resolve("kernel.json"))).isEqualTo(spec.json());
        assertThat(ImageIO.read(installed.resolve("logo-64x64.png").toFile()).getWidth())
                .isEqualTo(64);
        assertThat(KernelSpec.uninstall(kernels)).isTrue();
        assertThat(kernels).isEmptyDirectory();
        assertThat(KernelSpec.uninstall(kernels)).isFalse();
    }

    @Test
    void uninstall_keeps_what_it_did_not_write(@TempDir Path directory) throws IOException {
        Path installed = spec.install(directory);
        Path foreign = Files.writeString(installed.resolve("notes.txt"), "mine");
        KernelSpec.uninstall(directory);
        assertThat(foreign).hasContent("mine");
    }

    @Test
    void the_users_directory_is_the_one_jupyter_looks_in() {
        Path home = Path.of("home");
        List<String> none = List.of("no-such-python");
        assertThat(SpecPlace.user().kernels(linux(Map.of()))).isEqualTo(Path.of("home/.local/share/jupyter/kernels"));
        assertThat(SpecPlace.user().kernels(linux(Map.of("XDG_DATA_HOME", "x"))))
                .isEqualTo(Path.of("x/jupyter/kernels"));
        assertThat(SpecPlace.user().kernels(linux(Map.of("JUPYTER_DATA_DIR", "j"))))
                .isEqualTo(Path.of("j/kernels"));
        assertThat(SpecPlace.user().kernels(new Surroundings(Map.of(), Surroundings.Platform.MAC, home, none)))
                .isEqualTo(Path.of("home/Library/Jupyter/kernels"));
        assertThat(SpecPlace.user()
                        .kernels(new Surroundings(Map.of("APPDATA", "a"), Surroundings.Platform.WINDOWS, home, none)))
                .isEqualTo(Path.of("a/jupyter/kernels"));
    }

    @Test
    void the_environments_directory_comes_from_the_active_environment() {
        assertThat(SpecPlace.sysPrefix().kernels(linux(Map.of("VIRTUAL_ENV", "venv", "CONDA_PREFIX", "conda"))))
                .isEqualTo(Path.of("venv/share/jupyter/kernels"));
        assertThat(SpecPlace.sysPrefix().kernels(linux(Map.of("CONDA_PREFIX", "conda"))))
                .isEqualTo(Path.of("conda/share/jupyter/kernels"));
    }

    @Test
    void without_an_environment_and_without_python_it_says_what_to_do() {
        assertThatThrownBy(() -> SpecPlace.sysPrefix().kernels(linux(Map.of())))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "--sys-prefix means the active Python environment, but VIRTUAL_ENV and CONDA_PREFIX are not set and python3 does not run. Activate one, or use --user or --prefix DIR.");
    }

    private static Surroundings linux(Map<String, String> environment) {
        return new Surroundings(environment, Surroundings.Platform.OTHER, Path.of("home"), List.of("no-such-python"));
    }
}
