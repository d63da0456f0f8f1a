package org.lens4j.kernel.notebook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.kernel.TinyHub;
import org.lens4j.kernel.client.CellRun;
import org.lens4j.kernel.client.KernelClient;

/** Every notebook of the course runs in the bundled kernel. */
class NotebooksTest {
    static List<String> notebooks() {
        return ExecutedNotebooks.files().stream()
                .map(Path::getFileName)
                .map(Path::toString)
                .toList();
    }

    private static Stream<CellOutput> outputs(Notebook notebook) {
        return notebook.cells().stream().flatMap(cell -> cell.outputs().stream());
    }

    @ParameterizedTest
    @MethodSource("notebooks")
    void each_runs_without_an_error_and_shows_a_picture(String name) {
        assertThat(ExecutedNotebooks.of(name).stop()).isEmpty();
        Notebook executed = ExecutedNotebooks.of(name).notebook();
        assertThat(outputs(executed)).noneMatch(CellOutput.Failure.class::isInstance);
        assertThat(outputs(executed))
                .anyMatch(it -> it instanceof CellOutput.Shown shown
                        && shown.text("image/png").isPresent());
    }

    @Test
    void the_first_one_answers_its_own_question() {
        Notebook executed = ExecutedNotebooks.of("01-first-look.ipynb").notebook();
        Cell next = executed.cells().stream()
                .filter(it -> it.source().startsWith("%next"))
                .findFirst()
                .orElseThrow();
        assertThat(next.outputs()).singleElement().satisfies(output -> {
            String text = ((CellOutput.Shown) output).text("text/plain").orElseThrow();
            assertThat(text.lines().filter(it -> it.contains("·")).findFirst().orElseThrow())
                    .contains("·Mary");
        });
        assertThat(outputs(executed))
                .anyMatch(it -> it instanceof CellOutput.Printed printed
                        && printed.text().startsWith("(1, "));
    }

    @Test
    void a_name_loads_offline_from_a_cache_laid_out_by_hand(@TempDir Path home) throws IOException {
        Path model = home.resolve("hub/models--EleutherAI--gpt-neo-125m");
        Path snapshot =
                Files.createDirectories(model.resolve("snapshots").resolve("0123456789abcdef0123456789abcdef01234567"));
        Files.createDirectories(model.resolve("refs"));
        Files.writeString(model.resolve("refs/main"), "0123456789abcdef0123456789abcdef01234567");
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(TinyHub.neo().resolve(file), snapshot.resolve(file));
        }
        Path somewhere = Files.createDirectories(home.resolve("work/some-dir"));
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(TinyHub.neo().resolve(file), somewhere.resolve(file));
        }
        Map<String, String> environment = Map.of("HF_HOME", home.toString(), "HF_HUB_OFFLINE", "1");
        try (KernelClient kernel = KernelClient.start(
                ExecutedNotebooks.kernel(), home.resolve("work"), environment, Duration.ofSeconds(60))) {
            for (String cell : List.of("%load gpt-neo-125m", "%load ./some-dir")) {
                CellRun run = kernel.execute(cell, output -> {}, Duration.ofSeconds(60));
                assertThat(run.toString()).contains("GPTNeoForCausalLM").contains("self-check passed");
            }
        }
    }
}
