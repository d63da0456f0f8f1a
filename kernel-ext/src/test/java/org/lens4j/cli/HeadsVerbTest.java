package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.Lens;
import org.lens4j.analysis.circuits.DetectOptions;
import org.lens4j.analysis.circuits.HeadDetector;
import org.lens4j.analysis.circuits.HeadPattern;
import org.lens4j.model.HookedTransformer;

class HeadsVerbTest {
    @Test
    void all_scores_on_random_tokens_are_printed_with_the_best_of_each_kind() {
        MainTest.Ended ended = MainTest.lens("heads", "demo");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out())
                .contains("Most previous: L0H")
                .contains("Most induction: L1H0, 0.")
                .contains("Read: 16 rows of 50 random tokens of the whole vocabulary, a block of them twice, seed 1.");
    }

    @Test
    void a_detector_gives_what_the_library_gives() {
        String text = "Mary and John and Mary and John";
        MainTest.Ended ended = MainTest.lens(
                "heads",
                "demo",
                "--text",
                text,
                "--detect",
                "induction",
                "--measure",
                "mul",
                "--exclude-bos",
                "--json",
                "-");
        assertThat(ended.code()).as(ended.err()).isZero();
        JsonObject json = JsonParser.parseString(ended.out()).getAsJsonObject();
        try (HookedTransformer model = Lens.load("demo")) {
            float score = HeadDetector.detect(
                            model,
                            model.tokens(text),
                            HeadPattern.named("induction_head"),
                            DetectOptions.defaults().withoutBos())
                    .at(1, 0);
            assertThat(json.getAsJsonArray("values")
                            .get(1)
                            .getAsJsonArray()
                            .get(0)
                            .getAsFloat())
                    .isEqualTo(score);
        }
    }

    @Test
    void pictures_are_written(@TempDir Path folder) {
        Path png = folder.resolve("heads.png");
        assertThat(MainTest.lens("heads", "demo", "--rows", "2", "--png", png.toString())
                        .code())
                .isZero();
        assertThat(png).isNotEmptyFile();
    }

    @Test
    void what_means_nothing_is_refused() {
        assertThat(MainTest.lens("heads", "demo", "--detect", "name-mover").err())
                .startsWith("Unknown kind of head \"name-mover\" in the detector.");
        assertThat(MainTest.lens("heads", "demo", "--measure", "mul").err())
                .startsWith("--measure and --exclude-… are for one kind of head. Say which: --detect previous,");
        assertThat(MainTest.lens("heads", "demo", "--detect", "previous", "--measure", "max")
                        .err())
                .startsWith("Unknown measure \"max\" in the head detector. Closest of 3: mul, abs, attention.");
        assertThat(MainTest.lens("heads", "demo", "--rows", "0").err())
                .startsWith("--rows 0 gives nothing to read. Use 1 or more.");
        assertThat(MainTest.lens("heads", "demo", "--length", "3").err())
                .startsWith("Rows of 3 repeated tokens were asked for");
    }
}
