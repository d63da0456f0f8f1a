package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.Lens;
import org.lens4j.generate.GenerateListener;
import org.lens4j.generate.GenerateOptions;
import org.lens4j.generate.Generation;
import org.lens4j.generate.Penalties;
import org.lens4j.generate.Sampler;
import org.lens4j.kernel.TinyHub;
import org.lens4j.kernel.TinyT5;
import org.lens4j.model.HookedEncoderDecoder;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;

class GenerateVerbTest {
    private static final String PROMPT = "When Mary and John went to the store, John gave a drink to";

    private static MainTest.Ended generate(String... words) {
        String[] all = new String[words.length + 4];
        System.arraycopy(new String[] {"generate", "demo", "--text", PROMPT}, 0, all, 0, 4);
        System.arraycopy(words, 0, all, 4, words.length);
        return MainTest.lens(all);
    }

    @Test
    void it_prints_the_text_and_what_follows() {
        assertThat(generate()).isEqualTo(new MainTest.Ended(Main.DONE, PROMPT + " Mary." + System.lineSeparator(), ""));
    }

    @Test
    void a_model_of_two_stacks_says_something_about_the_text(@TempDir Path folder) throws IOException {
        String t5 = TinyT5.write(folder.resolve("t5")).toString();
        MainTest.Ended ended =
                MainTest.lens("generate", t5, "--tokens", "5 9 33; 7 7 12", "--no-eos", "--max-new-tokens", "6");
        assertThat(ended.code()).as(ended.err()).isZero();
        MainTest.Ended alone = MainTest.lens("generate", t5, "--tokens", "5 9 33", "--no-eos", "-n", "6");
        try (HookedEncoderDecoder model = Lens.loadEncoderDecoder(t5)) {
            Generation said = Generation.of(
                    model,
                    Tokens.of(new long[] {5, 9, 33}, new long[] {7, 7, 12}),
                    GenerateOptions.of(6).withoutEnd(),
                    GenerateListener.none());
            List<String> lines = said.rows().stream()
                    .map(row -> row.ids().stream().map(String::valueOf).collect(Collectors.joining(" ")))
                    .toList();
            assertThat(ended.out().lines()).containsExactlyElementsOf(lines);
            assertThat(alone.out().strip()).isEqualTo(lines.get(0));
        }
        assertThat(MainTest.lens("generate", t5, "--tokens", "5", "--steer", "encoder.0.hook_resid_post:1:a|b")
                        .err())
                .contains("has two stacks, and --steer is for decoders of one.");
        String bert = TinyHub.neo().resolveSibling("bert").toString();
        assertThat(MainTest.lens("generate", bert, "--tokens", "5").err())
                .contains("is no model that writes", "Name a decoder such as gpt2, or a model of two stacks");
    }

    @Test
    void its_words_do_what_the_java_does() {
        MainTest.Ended ended =
                generate(("--max-new-tokens 9 --temperature 1.5 --top-k 40 --top-p 0.9 --seed 4 --frequency-penalty 0.5"
                                + " --repetition-penalty 1.2 --no-eos --no-cache")
                        .split(" ", -1));
        try (HookedTransformer demo = Lens.load("demo")) {
            GenerateOptions options = GenerateOptions.of(9)
                    .withSampler(Sampler.temperature(1.5)
                            .withTopK(40)
                            .withTopP(0.9)
                            .withSeed(4)
                            .withPenalties(new Penalties(0.5, 1.2)))
                    .withoutEnd()
                    .withoutCache();
            assertThat(ended.out())
                    .isEqualTo(PROMPT + Generation.of(demo, PROMPT, options).text() + System.lineSeparator());
        }
    }

    @Test
    void a_steering_between_two_texts_changes_the_answer() {
        String swapped = PROMPT.replace(", John", ", Mary");
        assertThat(generate("--max-new-tokens", "1", "--steer", "blocks.2.hook_resid_post:1:" + swapped + "|" + PROMPT)
                        .out())
                .startsWith(PROMPT + " John");
    }

    @Test
    void several_sequences_get_a_line_each() {
        MainTest.Ended ended = MainTest.lens(
                "generate", "demo", "--tokens", "730 258 328; 730 260 261", "--max-new-tokens", "2", "--no-eos");
        assertThat(ended.err()).isEmpty();
        assertThat(ended.out().lines()).hasSize(2).allMatch(line -> line.startsWith("<|endoftext|>"));
    }

    @Test
    void each_written_token_has_its_log_probability_in_every_form(@TempDir Path folder) {
        String csv = folder.resolve("w.csv").toString();
        String png = folder.resolve("w.png").toString();
        String html = folder.resolve("w.html").toString();
        MainTest.Ended ended = generate("--json", "-", "--csv", csv, "--png", png, "--html", html);
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.err()).startsWith(PROMPT + " Mary." + System.lineSeparator());
        JsonArray results =
                JsonParser.parseString(ended.out()).getAsJsonObject().getAsJsonArray("results");
        JsonArray logProbs = row(results, 0);
        JsonArray tokens = row(results, 1);
        try (HookedTransformer model = Lens.load("demo")) {
            Generation right = Generation.of(model, PROMPT, GenerateOptions.of(40));
            assertThat(tokens.get(0).getAsString()).isEqualTo(" Mary");
            assertThat(tokens).hasSameSizeAs(right.rows().get(0).ids());
            for (int step = 0; step < logProbs.size(); step++) {
                assertThat(logProbs.get(step).getAsFloat())
                        .isEqualTo(right.logProbs().at(0, step));
            }
        }
        assertThat(Path.of(csv)).content().contains(",token\n", ",\" Mary\"\n");
        assertThat(Path.of(html)).content().contains("Log-probability of the written tokens", PROMPT + " Mary.");
        assertThat(Path.of(png)).isNotEmptyFile();
        MainTest.Ended several = MainTest.lens(
                "generate",
                "demo",
                "--tokens",
                "730 258 328; 730 260 261",
                "--max-new-tokens",
                "2",
                "--no-eos",
                "--csv",
                "-");
        assertThat(several.out().lines()).hasSize(5);
        assertThat(several.err().lines()).hasSize(2);
    }

    private static JsonArray row(JsonArray results, int result) {
        return results.get(result)
                .getAsJsonObject()
                .getAsJsonArray("values")
                .get(0)
                .getAsJsonArray();
    }

    @Test
    void wrong_words_are_answered_with_the_right_ones() {
        assertThat(generate("--steer", "blocks.2.hook_resid_post:much:a|b").err())
                .startsWith("--steer \"blocks.2.hook_resid_post:much:a|b\" is not understood. Write a hook point");
        assertThat(generate("--temperature", "0", "--top-k", "3").err())
                .startsWith("--temperature 0 takes the likeliest token, so --top-k, --top-p and --seed have no use.");
        assertThat(generate("--temperature", "-1").code()).isEqualTo(Main.WRONG);
        assertThat(MainTest.lens("generate", "demo").err()).startsWith("Say what to feed the model");
    }
}
