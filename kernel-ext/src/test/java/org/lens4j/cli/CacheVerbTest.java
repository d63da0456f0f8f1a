package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.Lens;
import org.lens4j.kernel.TinyHub;
import org.lens4j.load.LoadOptions;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;
import org.lens4j.weights.StoredType;

class CacheVerbTest {
    private static final String NEO = TinyHub.neo().toString();
    private static final String BERT = TinyHub.neo().resolveSibling("bert").toString();

    private Path out = Path.of("");

    @BeforeEach
    void choose_a_place(@TempDir Path folder) {
        out = folder.resolve("new folder/cache.safetensors");
    }

    private Safetensors written(MainTest.Ended ended) {
        assertThat(ended.code()).as(ended.err()).isZero();
        return Safetensors.open(out);
    }

    private static long[] longs(Safetensors file, String name) {
        LongBuffer stored = file.bytes(name).asLongBuffer();
        long[] values = new long[stored.remaining()];
        stored.get(values);
        return values;
    }

    private static float[] floats(Safetensors file, String name) {
        FloatBuffer stored = file.bytes(name).asFloatBuffer();
        float[] values = new float[stored.remaining()];
        stored.get(values);
        return values;
    }

    @Test
    void everything_that_fires_is_written_with_tokens_and_logits() {
        MainTest.Ended ended =
                MainTest.lens("cache", NEO, "--tokens", "4 32; 26 31", "--no-processing", "--out", out.toString());
        Safetensors file = written(ended);
        assertThat(ended.out())
                .startsWith(out + ": tokens [batch=2 pos=2], logits and ")
                .contains(" activations, ");
        assertThat(file.entry("tokens").type()).isEqualTo(StoredType.I64);
        assertThat(longs(file, "tokens")).containsExactly(4, 32, 26, 31);
        try (HookedTransformer model = Lens.load(NEO, LoadOptions.defaults().noProcessing());
                Run run = model.runWithCache(Tokens.of(new long[] {4, 32}, new long[] {26, 31}))) {
            assertThat(file.names())
                    .hasSize(run.cache().size() + 2)
                    .containsAll(run.cache().names());
            assertThat(file.entry("logits").shape()).containsExactly(2L, 2L, 113L);
        }
    }

    @Test
    void an_encoder_is_cached_by_its_path_as_any_model() {
        Safetensors file = written(MainTest.lens(
                "cache", BERT, "--tokens", "4 32 5; 26 31 6", "--next-sentence", "--out", out.toString()));
        assertThat(file.names())
                .contains(
                        "embed.hook_token_type_embed", "blocks.2.hook_normalized_resid_post", "mlm_head.ln.hook_scale");
        assertThat(file.entry("nsp_head.hook_nsp_out").shape()).containsExactly(2L, 2L);
        assertThat(file.entry("logits").shape()).containsExactly(2L, 3L, 113L);
    }

    @Test
    void what_a_decoder_would_say_is_only_for_models_of_two_stacks() {
        MainTest.Ended ended =
                MainTest.lens("cache", BERT, "--tokens", "4 32", "--decoder-tokens", "0 1", "--out", out.toString());
        assertThat(ended.code()).isNotZero();
        assertThat(ended.err())
                .contains("--decoder-tokens is for models that read one text and say another, and bert has one stack.");
    }

    @Test
    void raw_activations_are_those_of_a_raw_model() {
        String hook = "blocks.2.attn.hook_pattern";
        Safetensors file = written(MainTest.lens(
                "cache", NEO, "--no-processing", "--tokens", "1 2 3", "--hooks", hook, "--out", out.toString()));
        try (HookedTransformer model = Lens.load(NEO, LoadOptions.defaults().noProcessing());
                Run run = model.runWithCache(Tokens.of(new long[] {1, 2, 3}), hook)) {
            assertThat(floats(file, hook)).isEqualTo(run.cache().get(hook).toFloatArray());
            assertThat(floats(file, "logits")).isEqualTo(run.logits().toFloatArray());
        }
    }

    @Test
    void weights_are_processed_unless_it_is_said_otherwise() {
        String hook = "hook_embed";
        Safetensors file =
                written(MainTest.lens("cache", NEO, "--tokens", "1 2 3", "--hooks", hook, "--out", out.toString()));
        try (HookedTransformer processed = Lens.load(NEO);
                HookedTransformer raw = Lens.load(NEO, LoadOptions.defaults().noProcessing());
                Run run = processed.runWithCache(Tokens.of(new long[] {1, 2, 3}), hook);
                Run rawRun = raw.runWithCache(Tokens.of(new long[] {1, 2, 3}), hook)) {
            assertThat(floats(file, hook))
                    .isEqualTo(run.cache().get(hook).toFloatArray())
                    .isNotEqualTo(rawRun.cache().get(hook).toFloatArray());
        }
    }

    @Test
    void several_globs_choose_what_is_written() {
        Safetensors file = written(MainTest.lens(
                "cache",
                "demo",
                "--text",
                "When Mary",
                "--hooks",
                "hook_embed, blocks.*.hook_resid_post",
                "--out",
                out.toString()));
        assertThat(file.names())
                .containsExactlyInAnyOrder(
                        "tokens",
                        "logits",
                        "hook_embed",
                        "blocks.0.hook_resid_post",
                        "blocks.1.hook_resid_post",
                        "blocks.2.hook_resid_post");
        try (HookedTransformer demo = Lens.load("demo")) {
            assertThat(longs(file, "tokens"))
                    .containsExactly(demo.tokens("When Mary").ids(0).stream()
                            .mapToLong(Long::longValue)
                            .toArray());
        }
    }

    @Test
    void gradients_are_taken_of_words_as_of_their_ids_and_counted() {
        String text = "When Mary and John went to the store, John gave a drink to";
        MainTest.Ended ended = MainTest.lens(
                "cache",
                "demo",
                "--text",
                text,
                "--grad",
                "logit_diff(' Mary',\"John\")",
                "--hooks",
                "blocks.*.hook_mlp_out",
                "--out",
                out.toString());
        assertThat(ended.out()).contains(" logits and 3 activations with 3 gradients, ");
        assertThat(ended.err()).contains("\"John\" begins without a space");
        float[] byWords = floats(written(ended), "blocks.1.hook_mlp_out_grad");
        String ids;
        try (HookedModel demo = Lens.load("demo")) {
            ids = "logit_diff(%d,id:%d)"
                    .formatted(demo.answer(" Mary").id(), demo.answer("John").id());
        }
        Safetensors byIds = written(MainTest.lens(
                "cache",
                "demo",
                "--text",
                text,
                "--grad",
                ids,
                "--hooks",
                "blocks.*.hook_mlp_out",
                "--out",
                out.toString()));
        assertThat(byWords).isEqualTo(floats(byIds, "blocks.1.hook_mlp_out_grad"));
    }

    @ParameterizedTest
    @CsvSource({
        "--attn-result, blocks.0.attn.hook_result",
        "--split-qkv, blocks.1.hook_v_input",
        "--attn-in, blocks.2.hook_attn_in",
        "--mlp-in, blocks.3.hook_mlp_in"
    })
    void each_switch_fires_its_hook_point_and_is_asked_for_without_it(String word, String hook) {
        Safetensors file = written(MainTest.lens("cache", NEO, "--tokens", "1 2", word, "--out", out.toString()));
        assertThat(file.has(hook)).isTrue();
        MainTest.Ended without =
                MainTest.lens("cache", NEO, "--tokens", "1 2", "--hooks", hook, "--out", out.toString());
        assertThat(without.code()).isEqualTo(Main.WRONG);
        assertThat(without.err())
                .startsWith("%s is off unless it is asked for: it costs extra memory. Add %s.".formatted(hook, word));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1 2; 3|--tokens has sequences of 2, 1 tokens, and all of one run must have the same length.",
                "1 x|\"x\" in --tokens is no token id. Write ids with blanks between them",
                "-1|\"-1\" in --tokens is no token id.",
                "99999999999999999999|\"99999999999999999999\" in --tokens is no token id.",
                "';;'|--tokens \";;\" has no token ids.",
                "5000|Token id 5000 is outside the vocabulary of gpt_neo, which has ids 0 to 112."
            })
    void wrong_tokens_are_explained(String tokens, String message) {
        MainTest.Ended ended = MainTest.lens("cache", NEO, "--tokens", tokens, "--out", out.toString());
        assertThat(ended.code()).isEqualTo(Main.WRONG);
        assertThat(ended.err()).startsWith(message).hasLineCount(1);
        assertThat(out).doesNotExist();
    }

    @Test
    void tokens_or_a_text_are_needed_and_not_both() {
        assertThat(MainTest.lens("cache", "demo", "--out", "x").err())
                .contains("--tokens")
                .contains("--text");
        MainTest.Ended both = MainTest.lens("cache", "demo", "--tokens", "1", "--text", "a", "--out", "x");
        assertThat(both.code()).isEqualTo(Main.WRONG);
        assertThat(both.err()).startsWith("--tokens=IDS, --text=TEXT are mutually exclusive");
        assertThat(MainTest.lens("cache", "demo", "--tokens", "1").err()).startsWith("Missing required option: '--out");
    }

    @Test
    void an_unknown_hook_point_names_the_closest() {
        MainTest.Ended ended =
                MainTest.lens("cache", "demo", "--tokens", "1", "--hooks", "blocks.0.hook_z", "--out", out.toString());
        assertThat(ended.code()).isEqualTo(Main.WRONG);
        assertThat(ended.err())
                .contains("Unknown hook point \"blocks.0.hook_z\" in demo.")
                .contains("attn.hook_z");
    }

    @Test
    void a_place_that_cannot_be_written_is_named(@TempDir Path folder) throws IOException {
        MainTest.Ended directory = MainTest.lens("cache", "demo", "--tokens", "1", "--out", folder.toString());
        assertThat(directory.code()).isEqualTo(Main.WRONG);
        assertThat(directory.err()).startsWith("--out %s is a directory.".formatted(folder));
        Path file = Files.createFile(folder.resolve("file"));
        MainTest.Ended below = MainTest.lens(
                "cache", "demo", "--tokens", "1", "--out", file.resolve("x").toString());
        assertThat(below.code()).isEqualTo(Main.FAILED);
        assertThat(below.err())
                .startsWith("%s could not be written: ".formatted(file.resolve("x")))
                .endsWith("Choose another place with --out." + System.lineSeparator());
    }

    @Test
    void text_without_a_tokenizer_is_refused_with_what_to_do() {
        MainTest.Ended ended = MainTest.lens("cache", NEO, "--text", "a", "--out", out.toString());
        assertThat(ended.code()).isEqualTo(Main.FAILED);
        assertThat(ended.err()).startsWith("gpt_neo has no tokenizer.json, so it takes token ids, not text.");
    }

    @Test
    void gradients_of_a_metric_are_those_of_the_reference() {
        Safetensors expected = Safetensors.open(TinyHub.neo().resolve("expected.safetensors"));
        long[] ids = longs(expected, "tokens");
        int pos = (int) expected.entry("tokens").dimensions()[1];
        StringBuilder tokens = new StringBuilder();
        for (int i = 0; i < ids.length; i++) {
            tokens.append(i > 0 && i % pos == 0 ? ";" : " ").append(ids[i]);
        }
        Safetensors file = written(MainTest.lens(
                "cache", NEO, "--tokens", tokens.toString(), "--grad", "logit_diff(5,7)", "--out", out.toString()));
        String name = "blocks.0.hook_resid_pre";
        float[] wanted = floats(expected, "grad/" + name);
        float[] found = floats(file, name + "_grad");
        for (int i = 0; i < wanted.length; i++) {
            assertThat(found[i]).isCloseTo(wanted[i], org.assertj.core.data.Offset.offset(1e-4f));
        }
        assertThat(file.names()).contains(name, "blocks.3.attn.hook_pattern_grad");
    }

    @Test
    void a_metric_nobody_knows_names_those_there_are() {
        MainTest.Ended ended =
                MainTest.lens("cache", NEO, "--tokens", "4", "--grad", "accuracy", "--out", out.toString());
        assertThat(ended.code()).isNotZero();
        assertThat(ended.err()).contains("Unknown metric \"accuracy\"").contains("log_prob(' Mary')");
    }

    @Test
    void the_models_own_files_are_not_written_over(@TempDir Path folder) throws IOException {
        for (String file : new String[] {"config.json", "model.safetensors"}) {
            Files.copy(TinyHub.neo().resolve(file), folder.resolve(file));
        }
        long size = Files.size(folder.resolve("model.safetensors"));
        MainTest.Ended ended = MainTest.lens(
                "cache",
                folder.toString(),
                "--tokens",
                "4",
                "--out",
                folder.resolve("model.safetensors").toString());
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.err()).contains("is a file of the model itself");
        assertThat(Files.size(folder.resolve("model.safetensors"))).isEqualTo(size);
    }
}
