package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.cli.MainTest;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.weights.Safetensors;

/** Every directory of reference models loads by its path as it stands, in a cell and on the command line. */
class EveryDirectoryParityTest {
    private static final Path FOLDER = Path.of(System.getProperty(
            "lens.fixtures", System.getProperty("lens.home") + "/lens-core/src/test/resources/fixtures"));

    static List<Path> directories() throws IOException {
        try (Stream<Path> all = Files.list(FOLDER)) {
            return all.filter(it -> Files.exists(it.resolve("expected.safetensors")))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("directories")
    void it_loads_in_a_cell(Path directory) throws Exception {
        try (LensSession lens = new LensSession()) {
            MagicResult result = LensMagics.of(lens).run(MagicCall.line("load", directory.toString()), new QuietHost());
            assertThat(result.shown().orElseThrow().plain()).contains("self-check passed");
        }
    }

    @ParameterizedTest
    @MethodSource("directories")
    void its_activations_are_written_and_equal_the_reference_on_the_command_line(Path directory, @TempDir Path folder) {
        String model = directory.toString();
        String reference = directory.resolve("expected.safetensors").toString();
        String out = folder.resolve("cache.safetensors").toString();
        MainTest.Ended verified =
                MainTest.lens("verify", model, "--reference", reference, "--group", "raw", "--no-processing");
        assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
        MainTest.Ended written =
                MainTest.lens("cache", model, "--tokens", "1 2 3; 4 5 6", "--out", out, "--no-processing");
        assertThat(written.code()).as(written.out() + written.err()).isZero();
        assertThat(Safetensors.open(Path.of(out)).names()).contains("tokens", "logits", "blocks.0.attn.hook_pattern");
    }
}
