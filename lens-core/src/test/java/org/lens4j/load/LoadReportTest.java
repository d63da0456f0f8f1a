package org.lens4j.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.Fixtures;
import org.lens4j.error.CheckpointException;
import org.lens4j.hub.HubOptions;
import org.lens4j.hub.HubSettings;
import org.lens4j.hub.ModelFiles;
import org.lens4j.hub.Origin;
import org.lens4j.process.Processing;

class LoadReportTest {
    private static final Path GPT2 = Fixtures.committed("gpt2");
    private static final String COMMIT = "607a30d783dfa663caf39e06633721c8d4cfcd7e";

    @TempDir
    private Path folder;

    private static Pretrained load(LoadOptions options) {
        return Pretrained.load(ModelFiles.ofDirectory(GPT2), options);
    }

    private static LoadReport report(LoadOptions options) {
        Pretrained loaded = load(options);
        loaded.model().close();
        return loaded.report();
    }

    @Test
    void a_processed_model_is_compared_with_the_raw_one_on_the_spot() {
        SelfCheck check = report(LoadOptions.defaults()).check().orElseThrow();
        assertThat(check.passed()).isTrue();
        assertThat(check.measurements())
                .extracting(SelfCheck.Measurement::name)
                .containsExactly(
                        "log-probs raw vs processed",
                        "log-probs not finite",
                        "activations not finite",
                        "left pad vs none",
                        "right pad vs none",
                        "kv cache vs none");
        // Another computation, so the difference cannot be exactly nothing; a wrong rewrite is off by far more.
        assertThat(check.measurements().get(0).value()).isBetween(1e-9, 1e-4);
    }

    @Test
    void the_summary_has_three_lines() {
        assertThat(report(LoadOptions.defaults()).summary().lines())
                .satisfiesExactly(
                        first -> assertThat(first)
                                .startsWith("gpt2: GPT2LMHeadModel, 47,569 parameters, 194 kB of F32 in ")
                                .endsWith(" s from " + GPT2.toAbsolutePath().normalize()),
                        second -> assertThat(second)
                                .isEqualTo(
                                        "weights: fold_ln, center_writing_weights, center_unembed, fold_value_biases;"
                                                + " 14 kB left in the file, 175 kB read into memory"),
                        third -> assertThat(third).startsWith("self-check passed: log-probs raw vs processed "));
    }

    @Test
    void raw_weights_are_checked_when_that_is_asked_for_and_not_read_before() {
        Pretrained loaded = load(LoadOptions.defaults().noProcessing());
        try (var model = loaded.model()) {
            LoadReport report = loaded.report();
            assertThat(report.check()).isEmpty();
            assertThat(report.summary())
                    .contains("weights: raw, as in the file; 175 kB left in the file, 0 bytes read into memory")
                    .contains("self-check not made, because it would read every weight from the file");
            assertThat(loaded.checked().report().check().orElseThrow().passed()).isTrue();
            assertThat(model.raw()).isSameAs(model);
        }
    }

    @Test
    void the_check_can_be_left_out() {
        LoadReport report = report(LoadOptions.defaults().withoutCheck());
        assertThat(report.check()).isEmpty();
        assertThat(report.summary()).endsWith("self-check left out");
    }

    @Test
    void weights_that_are_no_numbers_fail_the_check() {
        float[] good = {-1, -2};
        assertThat(SelfCheck.of(good, good).passed()).isTrue();
        assertThat(SelfCheck.of(good, new float[] {-1, -2.5f}).line())
                .isEqualTo("FAILED: log-probs raw vs processed 5.0e-01 (more than 1e-02), log-probs not finite 0");
        assertThat(SelfCheck.of(good, new float[] {Float.NaN, -2}).measurements())
                .noneMatch(SelfCheck.Measurement::passed);
        assertThat(SelfCheck.of(new float[] {Float.NEGATIVE_INFINITY}).passed()).isFalse();
    }

    @Test
    void the_whole_report_names_everything() {
        LoadReport report = report(LoadOptions.defaults().without(Processing.Switch.FOLD_LN));
        assertThat(report.full())
                .contains("gpt2, GPT2LMHeadModel")
                .contains("sha256 " + report.source().weights().get(0).sha256())
                .contains("rewrites        center_writing_weights, center_unembed, fold_value_biases")
                .contains("not asked for   fold_ln, refactor_factored_attn_matrices")
                .contains("zeros for       unembed.b_U")
                .contains("not parameters  lm_head.weight");
    }

    @Test
    void as_json_it_holds_the_same() {
        LoadReport report = report(LoadOptions.defaults());
        JsonObject json = JsonParser.parseString(report.toJson()).getAsJsonObject();
        assertThat(json.get("parameters").getAsLong()).isEqualTo(report.parameters());
        assertThat(json.getAsJsonObject("rewrites").getAsJsonArray("applied")).hasSize(4);
        JsonObject file =
                json.getAsJsonObject("source").getAsJsonArray("weights").get(0).getAsJsonObject();
        assertThat(file.get("bytes").getAsLong()).isEqualTo(report.source().bytes());
        assertThat(json.getAsJsonObject("self_check").get("passed").getAsBoolean())
                .isTrue();
    }

    @Test
    void a_skipped_rewrite_is_named_with_its_reason() {
        LoadReport.Rewrites rewrites = new LoadReport.Rewrites(
                List.of("fold_ln"),
                List.of(new Processing.Skipped("center_unembed", "its logits are capped")),
                List.of("refactor_factored_attn_matrices"));
        assertThat(rewrites.text()).isEqualTo("fold_ln; skipped center_unembed (its logits are capped)");
        LoadReport report = new LoadReport(
                "x",
                new LoadReport.Source(folder, new Origin.Folder(), List.of()),
                "X",
                1,
                rewrites,
                new LoadReport.Tensors(List.of("F32"), 0, 4, List.of(), List.of()),
                Optional.empty(),
                Duration.ZERO);
        assertThat(report.full()).contains("skipped         center_unembed (its logits are capped)");
        assertThat(JsonParser.parseString(report.toJson())
                        .getAsJsonObject()
                        .getAsJsonObject("rewrites")
                        .getAsJsonArray("skipped"))
                .hasToString("[{\"pass\":\"center_unembed\",\"reason\":\"its logits are capped\"}]");
    }

    @Test
    void a_file_is_hashed_when_somebody_asks() throws IOException {
        Path file = Files.writeString(folder.resolve("x.bin"), "abc");
        WeightFile weights = new WeightFile(file);
        assertThat(weights.bytes()).isEqualTo(3);
        assertThat(weights.sha256()).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        WeightFile gone = new WeightFile(file);
        Files.delete(file);
        assertThatThrownBy(gone::sha256)
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("could not be read");
        assertThat(weights.sha256()).startsWith("ba7816bf");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void a_model_of_the_hub_is_reported_with_its_commit_and_the_hash_it_was_checked_by() throws IOException {
        String hash = new WeightFile(GPT2.resolve("model.safetensors")).sha256();
        Path model = folder.resolve("hub/models--openai-community--gpt2");
        Path snapshot = Files.createDirectories(model.resolve("snapshots").resolve(COMMIT));
        Files.createDirectories(model.resolve("blobs"));
        Files.createDirectories(model.resolve("refs"));
        Files.write(model.resolve("refs/main"), COMMIT.getBytes(StandardCharsets.US_ASCII));
        Files.copy(GPT2.resolve("config.json"), snapshot.resolve("config.json"));
        Path blob = Files.copy(
                GPT2.resolve("model.safetensors"), model.resolve("blobs").resolve(hash));
        Files.createSymbolicLink(snapshot.resolve("model.safetensors"), snapshot.relativize(blob));
        HubOptions hub = HubOptions.of(HubSettings.fromEnvironment(
                java.util.Map.of("HF_HUB_CACHE", folder.resolve("hub").toString(), "HF_HUB_OFFLINE", "1")));
        Pretrained loaded = Pretrained.load("gpt2", LoadOptions.defaults().withHub(hub));
        loaded.model().close();
        assertThat(loaded.report().summary()).contains("from openai-community/gpt2 at commit " + COMMIT);
        assertThat(loaded.report().source().weights().get(0).sha256()).isEqualTo(hash);
        assertThat(loaded.report().toJson()).contains("\"commit\":\"" + COMMIT + "\"");
    }
}
