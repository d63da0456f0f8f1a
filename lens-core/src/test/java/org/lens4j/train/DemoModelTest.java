package org.lens4j.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.Lens;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.hub.ModelFiles;
import org.lens4j.model.HookedTransformer;
import org.lens4j.train.english.Probe;
import org.lens4j.train.english.ProbedKind;
import org.lens4j.train.english.SyntheticEnglish;

/** The committed model can do what the README says of it. */
class DemoModelTest {
    private static final long MOST_BYTES = 4_000_000;
    private static final String PROMPT = "When Mary and John went to the store, John gave a drink to";

    private static HookedTransformer model;
    private static DemoReport report;

    @BeforeAll
    static void measure() {
        model = Lens.load("demo");
        report = DemoReport.of(model);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static float best(Grid scores) {
        float best = 0;
        for (float score : scores.values()) {
            best = Math.max(best, score);
        }
        return best;
    }

    @Test
    void mary_gets_the_drink() {
        assertThat(NextTokens.of(model, model.tokens(PROMPT), 1).top().get(0).token())
                .isEqualTo(" Mary");
    }

    @Test
    void the_prompt_of_the_readme_was_not_trained_on() {
        SyntheticEnglish english = SyntheticEnglish.standard();
        ProbedKind indirectObject = english.probedKinds().get(0);
        List<String> trained =
                english.training(DemoModel.config().seed()).limit(20_000).toList();
        assertThat(trained).noneMatch(it -> it.contains("Mary and John") || it.contains("John and Mary"));
        assertThat(english.heldOut(indirectObject, 50, 3))
                .extracting(Probe::prompt)
                .noneMatch(trained::contains);
    }

    @Test
    void it_answers_nine_of_ten_held_out_questions_of_each_kind() {
        assertThat(report.accuracies())
                .hasSize(4)
                .allSatisfy(it -> assertThat(it.fraction()).as(it.kind()).isGreaterThanOrEqualTo(0.9));
    }

    @Test
    void it_has_a_previous_token_head_and_an_induction_head() {
        assertThat(best(report.previousToken())).isGreaterThan(0.5f);
        assertThat(best(report.induction())).isGreaterThan(0.6f);
        assertThat(best(report.duplicateToken())).isLessThan(best(report.induction()));
    }

    @Test
    void it_is_small_and_in_hugging_faces_layout() throws IOException {
        Path directory = ModelFiles.locate("demo").directory();
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> all = files.toList();
            assertThat(all.stream().map(it -> String.valueOf(it.getFileName())).collect(Collectors.toSet()))
                    .containsExactlyInAnyOrder(
                            "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json");
            long bytes = 0;
            for (Path file : all) {
                bytes += Files.size(file);
            }
            assertThat(bytes).isLessThanOrEqualTo(MOST_BYTES);
        }
    }

    @Test
    void its_settings_are_the_ones_it_was_made_with() throws IOException {
        SyntheticEnglish english = SyntheticEnglish.standard();
        String settings = DemoModel.configJson(Vocabulary.of(english.pieces()));
        assertThat(Files.readString(ModelFiles.locate("demo").config())).isEqualTo(settings);
    }

    @Test
    void a_short_training_gives_the_same_files_twice(@TempDir Path folder) throws IOException {
        TrainConfig few = DemoModel.config().withSteps(3);
        for (String name : List.of("one", "two")) {
            DemoModel.train(folder.resolve(name), few, progress -> {});
        }
        byte[] one = Files.readAllBytes(folder.resolve("one/model.safetensors"));
        byte[] two = Files.readAllBytes(folder.resolve("two/model.safetensors"));
        assertThat(Arrays.equals(one, two)).isTrue();
    }

    @Test
    void the_readme_says_what_the_report_does() throws IOException {
        List<String> results = report.table()
                .lines()
                .skip(2)
                .filter(it -> !it.contains("duplicate"))
                .map(it -> it.substring(it.lastIndexOf('|', it.length() - 2)))
                .toList();
        assertThat(results).hasSize(6);
        assertThat(Files.readString(Path.of("..", "README.md"))).containsSubsequence(results);
    }

    @Test
    void the_report_is_a_table() {
        assertThat(report.table())
                .startsWith("| measured on what training left out | result |")
                .contains("indirect object")
                .contains("induction");
    }
}
