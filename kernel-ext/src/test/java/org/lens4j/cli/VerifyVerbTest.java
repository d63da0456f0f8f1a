package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.kernel.TinyHub;
import org.lens4j.weights.SafetensorsWriter;

class VerifyVerbTest {
    private static final String NEO = TinyHub.neo().toString();
    private static final String EXPECTED =
            TinyHub.neo().resolve("expected.safetensors").toString();

    @TempDir
    private Path folder;

    private static MainTest.Ended verify(String... words) {
        String[] all = new String[words.length + 2];
        all[0] = "verify";
        all[1] = NEO;
        System.arraycopy(words, 0, all, 2, words.length);
        return MainTest.lens(all);
    }

    @Test
    void a_model_that_computes_what_the_reference_says_ends_with_0() {
        MainTest.Ended ended = verify("--reference", EXPECTED, "--group", "raw", "--no-processing");
        assertThat(ended.code()).as(ended.out() + ended.err()).isZero();
        assertThat(ended.out().lines().findFirst().orElse("")).matches("hook +shape +max abs +relative +where");
        assertThat(ended.out().lines())
                .anyMatch(it -> it.matches("hook_embed +\\[2 12 32] +0 +0"))
                .anyMatch(it -> it.startsWith("logits "));
        assertThat(ended.out().strip().lines().reduce("", (a, b) -> b))
                .startsWith("gpt_neo equals %s, group raw: ".formatted(EXPECTED))
                .contains(" tensors within 1.0e-04, worst ");
    }

    @Test
    void without_a_word_processed_weights_are_compared_with_the_processed_group() {
        MainTest.Ended ended = verify("--reference", EXPECTED);
        assertThat(ended.code()).as(ended.out() + ended.err()).isZero();
        assertThat(ended.out()).contains(", group processed: ");
    }

    @Test
    void no_processing_takes_the_raw_group_by_itself() {
        assertThat(verify("--reference", EXPECTED, "--no-processing").out()).contains(", group raw: ");
    }

    @Test
    void a_tolerance_nobody_keeps_ends_with_1_and_marks_what_differs() {
        MainTest.Ended ended = verify("--reference", EXPECTED, "--no-processing", "--tolerance", "1e-9");
        assertThat(ended.code()).isEqualTo(Main.FAILED);
        assertThat(ended.out().lines()).anyMatch(it -> it.startsWith("logits ") && it.endsWith(" differs"));
        assertThat(ended.out())
                .contains("gpt_neo DIFFERS from ")
                .contains(" are not within 1.0e-09, the first blocks.0.");
    }

    @Test
    void hook_points_that_are_off_name_their_word() {
        MainTest.Ended without = verify("--reference", EXPECTED, "--no-processing", "--group", "raw_extra");
        assertThat(without.code()).isEqualTo(Main.FAILED);
        assertThat(without.out()).contains("blocks.0.hook_q_input is off for this run. Add --split-qkv.");
        MainTest.Ended with = verify(
                "--reference",
                EXPECTED,
                "--no-processing",
                "--group",
                "raw_extra",
                "--split-qkv",
                "--attn-result",
                "--mlp-in");
        assertThat(with.code()).as(with.out()).isZero();
        assertThat(with.out()).contains("Not in the file, so not compared: hook_embed, ");
    }

    @Test
    void a_cache_of_our_own_is_equal_to_the_last_bit() {
        String file = folder.resolve("cache.safetensors").toString();
        assertThat(MainTest.lens("cache", "demo", "--text", "When Mary", "--out", file)
                        .code())
                .isZero();
        MainTest.Ended ended = MainTest.lens("verify", "demo", "--reference", file);
        assertThat(ended.code()).isZero();
        assertThat(ended.out()).contains("demo equals %s: 56 tensors within 1.0e-04, to the last bit.".formatted(file));
        assertThat(MainTest.lens("verify", NEO, "--reference", file).err()).startsWith("Token id ");
    }

    @Test
    void several_runs_in_a_file_and_an_unknown_one_are_named() {
        assertThat(verify("--reference", EXPECTED, "--group", "row").err())
                .startsWith("Unknown group \"row\" in ")
                .contains("raw");
        assertThat(verify("--reference", EXPECTED, "--tolerance", "-1").err())
                .startsWith("--tolerance -1.0 lets nothing be equal.");
        assertThat(verify("--reference", "no.safetensors").code()).isEqualTo(Main.FAILED);
    }

    @Test
    void groups_that_are_no_plain_runs_are_refused_with_those_that_are() {
        for (String group : List.of("grad", "grad_param", "grad_loss")) {
            MainTest.Ended ended = verify("--reference", EXPECTED, "--group", group);
            assertThat(ended.code()).isNotZero();
            assertThat(ended.err())
                    .startsWith("Group %s of ".formatted(group))
                    .contains(
                            " holds gradients of a number the file does not name, and what is compared is a run of tokens alone. Compare another group: raw, ");
        }
        // An ablation's logits are no logits of a run.
        assertThat(verify("--reference", EXPECTED, "--group", "ablate").err())
                .startsWith("Unknown group \"ablate\" in ");
        Path masked = folder.resolve("masked.safetensors");
        write(masked, "raw/logits", "raw_masked/logits", "token_type_ids");
        assertThat(verify("--reference", masked.toString(), "--group", "raw_masked")
                        .err())
                .contains(" is of a run that was given token_type_ids too, ")
                .contains("Compare another group: raw.");
    }

    @Test
    void processed_weights_beside_a_raw_group_are_told_apart() {
        MainTest.Ended ended = verify("--reference", EXPECTED, "--group", "raw");
        assertThat(ended.code()).isEqualTo(Main.FAILED);
        assertThat(ended.out()).contains("gpt_neo DIFFERS from ");
        assertThat(ended.err())
                .isEqualTo(
                        "The weights were processed, and the group is called raw. Compare raw weights: --no-processing."
                                + System.lineSeparator());
    }

    @Test
    void a_file_without_processed_weights_says_what_it_has() {
        Path raw = folder.resolve("raw.safetensors");
        write(raw, "raw/logits", "raw/hook_embed", "raw_extra/logits");
        MainTest.Ended ended = verify("--reference", raw.toString());
        assertThat(ended.code()).isEqualTo(Main.WRONG);
        assertThat(ended.err())
                .startsWith("%s has no run of processed weights; it has raw, raw_extra. Compare raw weights: "
                        .formatted(raw));
    }

    private static void write(Path file, String... names) {
        Map<String, SafetensorsWriter.Tensor> tensors = new LinkedHashMap<>();
        for (String name : names) {
            tensors.put(name, new SafetensorsWriter.Floats(new long[] {1}, new float[1]));
        }
        try {
            SafetensorsWriter.write(file, tensors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void an_encoder_equals_its_reference() {
        java.nio.file.Path bert = org.lens4j.kernel.TinyHub.neo().resolveSibling("bert");
        MainTest.Ended ended = MainTest.lens(
                "verify",
                bert.toString(),
                "--reference",
                bert.resolve("expected.safetensors").toString(),
                "--group",
                "raw");
        assertThat(ended.code()).as(ended.out() + ended.err()).isZero();
        assertThat(ended.out()).contains("bert equals").contains("63 tensors within 1.0e-04");
    }
}
