package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.kernel.TinyHub;

class PatchVerbTest {
    private static final String CLEAN = "When Mary and John went to the store, John gave a drink to";
    private static final String CORRUPTED = "When Mary and John went to the store, Mary gave a drink to";

    private static MainTest.Ended patch(String... more) {
        List<String> words = new ArrayList<>(List.of("patch", "demo", "--clean", CLEAN, "--corrupted", CORRUPTED));
        if (!Arrays.asList(more).contains("--answer")) {
            words.addAll(List.of("--answer", " Mary"));
        }
        words.addAll(List.of("--wrong", " John"));
        words.addAll(List.of(more));
        return MainTest.lens(words.toArray(String[]::new));
    }

    private static JsonObject json(MainTest.Ended ended) {
        assertThat(ended.code()).as(ended.err()).isZero();
        return JsonParser.parseString(ended.out()).getAsJsonObject();
    }

    @Test
    void the_residual_stream_of_the_giver_brings_the_answer_back() {
        JsonObject grid = json(patch("--metric", "recovered", "--json", "-"));
        List<Float> first = new ArrayList<>();
        grid.getAsJsonArray("values").get(0).getAsJsonArray().forEach(it -> first.add(it.getAsFloat()));
        assertThat(first).filteredOn(it -> it > 0.99f).hasSize(1);
        assertThat(grid.get("unit").getAsString()).isEqualTo("share");
    }

    @Test
    void without_a_file_there_is_a_table_with_the_baselines() {
        MainTest.Ended ended = patch("--what", "head_out");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("Without patches: clean ").contains(", corrupted -");
    }

    @Test
    void a_sweep_of_more_than_half_a_second_ends_with_its_whole_bar() {
        String before = (CLEAN + ". ").repeat(1);
        MainTest.Ended ended = MainTest.lens(
                "patch",
                "demo",
                "--clean",
                before + CLEAN,
                "--corrupted",
                before + CORRUPTED,
                "--answer",
                " Mary",
                "--wrong",
                " John",
                "--what",
                "head_pattern_by_both");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.err()).contains("patches: 100%");
    }

    @ParameterizedTest
    @ValueSource(strings = {"logit", "prob", "log_prob", "kl", "loss", "logit_diff"})
    void every_metric_and_both_directions_work(String metric) {
        JsonObject grid = json(patch("--what", "mlp_out", "--noising", "--metric", metric, "--json", "-"));
        assertThat(grid.getAsJsonArray("axes")).hasSize(2);
    }

    @Test
    void an_estimate_has_the_same_axes() {
        JsonObject patched = json(patch("--what", "head_out_by_pos", "--json", "-"));
        JsonObject estimated = json(patch("--what", "head_out_by_pos", "--estimate", "--json", "-"));
        assertThat(estimated.get("axes")).isEqualTo(patched.get("axes"));
    }

    @Test
    void mistakes_are_explained() {
        assertThat(patch("--what", "resid_pro").err()).contains("Unknown place to patch \"resid_pro\"", "resid_pre");
        assertThat(patch("--metric", "logits").err()).contains("Unknown metric \"logits\" in patching", "logit_diff");
        assertThat(patch("--answer", " Mary gave").err()).contains("is 2 tokens");
        assertThat(patch("--estimate", "--noising").err()).contains("Leave one of the two out.");
        MainTest.Ended shorter = MainTest.lens(
                "patch", "demo", "--clean", CLEAN, "--corrupted", "When Mary", "--answer", " Mary", "--wrong", " John");
        assertThat(shorter.code()).isEqualTo(Main.WRONG);
        assertThat(shorter.err()).contains("patching needs position for position");
        String bert = TinyHub.neo().resolveSibling("bert").toString();
        MainTest.Ended encoder =
                MainTest.lens("patch", bert, "--clean", "a", "--corrupted", "b", "--answer", "c", "--wrong", "d");
        assertThat(encoder.err()).contains("is no decoder");
    }
}
