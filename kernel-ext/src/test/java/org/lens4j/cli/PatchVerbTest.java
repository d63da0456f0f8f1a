package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.kernel.TinyHub;

class PatchVerbTest {
    @TempDir
    private Path folder;

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
        assertThat(ended.out())
                .contains(
                        "Without patches: clean 1.0000, corrupted 0.0000. The logit difference itself: clean 6.1513, corrupted ")
                .contains("L1  -0.06672    1.016");
    }

    private static MainTest.Ended pair(String corrupted, String answer, String wrong) {
        return MainTest.lens(
                "patch", "demo", "--clean", CLEAN, "--corrupted", corrupted, "--answer", answer, "--wrong", wrong);
    }

    @Test
    void what_cannot_say_anything_is_refused_and_a_doubtful_answer_gets_a_note() {
        assertThat(pair(CLEAN, " Mary", " John").err())
                .contains("The clean and the corrupted prompt are the same tokens, so no patch changes anything.");
        assertThat(pair(CORRUPTED, " Mary", " Mary").err())
                .contains("The answer and the wrong one are the same token, \" Mary\"");
        assertThat(pair(CORRUPTED, "Mary", " John").out()).contains("\"Mary\" begins without a space");
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

    private String file(String... lines) throws IOException {
        return Files.write(folder.resolve("pairs.jsonl"), List.of(lines)).toString();
    }

    private static String line(String label, String clean, String corrupted) {
        return "{\"label\": \"%s\", \"clean\": \"%s\", \"corrupted\": \"%s\", \"answer\": \" Mary\", \"wrong\": \" John\"}"
                .formatted(label, clean, corrupted);
    }

    private String two() throws IOException {
        return file(
                line("drink", CLEAN, CORRUPTED),
                line("ring", CLEAN.replace("drink", "ring"), CORRUPTED.replace("drink", "ring")));
    }

    @Test
    void several_metrics_of_one_sweep_are_columns_beside_each_other() {
        MainTest.Ended csv = patch("--what", "head_out", "--metric", "recovered", "--metric", "kl", "--csv", "-");
        assertThat(csv.out())
                .startsWith(
                        "layer,head,\"recovered logit difference of ·Mary − ·John, patching head_out\",\"KL to clean, patching head_out\"");
        JsonObject both = json(patch("--what", "head_out", "--metric", "recovered", "--metric", "kl", "--json", "-"));
        JsonObject one = json(patch("--what", "head_out", "--metric", "kl", "--json", "-"));
        assertThat(both.getAsJsonArray("results").get(1).getAsJsonObject().get("values"))
                .isEqualTo(one.get("values"));
        JsonObject guessed = json(
                patch("--what", "head_out", "--estimate", "--metric", "logit_diff", "--metric", "prob", "--json", "-"));
        assertThat(guessed.getAsJsonArray("results")).hasSize(2);
    }

    @Test
    void each_pair_of_a_file_stands_beside_the_mean_and_its_interval_in_every_output() throws IOException {
        String png = folder.resolve("p.png").toString();
        String html = folder.resolve("p.html").toString();
        String csv = folder.resolve("p.csv").toString();
        MainTest.Ended ended = MainTest.lens(
                "patch",
                "demo",
                "--pairs",
                two(),
                "--what",
                "head_out",
                "--png",
                png,
                "--html",
                html,
                "--csv",
                csv,
                "--json",
                "-");
        JsonObject grid = json(ended);
        assertThat(grid.getAsJsonArray("axes")
                        .get(0)
                        .getAsJsonObject()
                        .get("labels")
                        .toString())
                .isEqualTo("[\"mean\",\"low\",\"high\",\"drink\",\"ring\"]");
        assertThat(grid.get("notes").toString()).contains("Mean over 2 prompts.", "the mean lies with 95 %");
        float[] mean = head(grid, 0);
        assertThat(mean[0]).isBetween(head(grid, 1)[0], head(grid, 2)[0]);
        assertThat((head(grid, 3)[0] + head(grid, 4)[0]) / 2).isCloseTo(mean[0], within(1e-5f));
        JsonObject drink = json(patch("--what", "head_out", "--json", "-"));
        float alone =
                drink.getAsJsonArray("values").get(0).getAsJsonArray().get(0).getAsFloat();
        assertThat(head(grid, 3)[0]).isCloseTo(alone, within(1e-4f));
        assertThat(Path.of(csv)).content().contains("prompt,layer,head,value", "\nlow,0,0,", "\nring,2,1,");
        assertThat(Path.of(html)).content().contains("drink", "ring", "Mean over 2 prompts.");
        assertThat(Path.of(png)).isNotEmptyFile();
        MainTest.Ended text = MainTest.lens("patch", "demo", "--pairs", two(), "--what", "head_out");
        assertThat(text.out())
                .contains("head_out, low (share)", "head_out, ring (share)")
                .containsOnlyOnce("Mean over 2 prompts.");
    }

    @Test
    void pairs_of_several_lengths_are_one_sweep_by_head_and_by_named_positions() throws IOException {
        String positions = ", \"positions\": {\"giver\": %d, \"end\": -1}}";
        String drink = line("drink", CLEAN, CORRUPTED).replace("}", positions.formatted(10));
        String then = line(
                        "then", "Then, " + CLEAN.replace("When", "when"), "Then, " + CORRUPTED.replace("When", "when"))
                .replace("}", positions.formatted(-5));
        String mixed = file(drink, then);
        JsonObject heads = json(MainTest.lens(
                "patch", "demo", "--pairs", mixed, "--what", "head_out", "--metric", "logit_diff", "--json", "-"));
        JsonObject alone = json(patch("--what", "head_out", "--metric", "logit_diff", "--json", "-"));
        float first =
                alone.getAsJsonArray("values").get(0).getAsJsonArray().get(0).getAsFloat();
        assertThat(head(heads, 3)[0]).isCloseTo(first, within(1e-4f));
        JsonObject named = json(MainTest.lens(
                "patch", "demo", "--pairs", mixed, "--what", "resid_pre", "--metric", "recovered", "--json", "-"));
        assertThat(named.getAsJsonArray("axes")
                        .get(2)
                        .getAsJsonObject()
                        .get("labels")
                        .toString())
                .isEqualTo("[\"giver\",\"end\"]");
        assertThat(head(named, 0)[0]).isCloseTo(1, within(1e-3f));
    }

    private static float[] head(JsonObject grid, int prompt) {
        JsonArray first = grid.getAsJsonArray("values")
                .get(prompt)
                .getAsJsonArray()
                .get(0)
                .getAsJsonArray();
        return new float[] {first.get(0).getAsFloat(), first.get(1).getAsFloat()};
    }

    @Test
    void mistakes_about_pairs_are_explained() throws IOException {
        assertThat(patch("--pairs", two()).err()).contains("brings its own prompts and answers. Leave out --clean");
        assertThat(MainTest.lens("patch", "demo").err()).contains("There is no clean prompt.", "or --pairs FILE.");
        assertThat(MainTest.lens("patch", "demo", "--clean", CLEAN, "--corrupted", CORRUPTED)
                        .err())
                .contains("The metric recovered needs --answer and --wrong.");
        assertThat(MainTest.lens("patch", "demo", "--clean", CLEAN, "--corrupted", CORRUPTED, "--metric", "kl")
                        .code())
                .isZero();
        assertThat(patch("--metric", "kl", "--metric", "kl").err()).contains("kl was asked for twice");
        String mixed = file(line("long", CLEAN, CORRUPTED), line("short", "Mary met", "John met"));
        assertThat(MainTest.lens("patch", "demo", "--pairs", mixed).err())
                .contains("tokens [short], ", "tokens [long]", "resid_pre goes position by position");
        String unlike = file(line("unlike", CLEAN, "Mary"));
        assertThat(MainTest.lens("patch", "demo", "--pairs", unlike).err())
                .contains("Line 1 of " + unlike + " has a clean prompt of 15 tokens and a corrupted one of 2");
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a process cannot be asked to end there")
    void a_sweep_that_is_stopped_by_ctrl_c_writes_what_it_has() throws Exception {
        String before = (CLEAN + ". ").repeat(3);
        Path json = folder.resolve("part.json");
        String pairs = file(line("drink", before + CLEAN, before + CORRUPTED));
        try (VerbProcess sweep = VerbProcess.start(
                folder,
                "patch",
                "demo",
                "--pairs",
                pairs,
                "--what",
                "head_pattern_by_both",
                "--json",
                json.toString())) {
            // A bar of the sweep comes after half a second of it; on a slow machine nothing is patched by then.
            sweep.awaitErr("patches: .*[|] *[1-9][0-9]*/[0-9]+");
            assertThat(sweep.interrupted().out())
                    .containsPattern("Stopped after \\d+ of \\d+ patches; the rest is empty.")
                    .contains(json + ": ");
        }
        JsonObject part = JsonParser.parseString(Files.readString(json)).getAsJsonObject();
        assertThat(part.get("notes").toString()).contains("Stopped after ");
        assertThat(part.get("values").toString()).contains("null").containsPattern("\\d\\.\\d");
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
        assertThat(encoder.err()).contains("lens patch is for models that say the next token");
    }
}
