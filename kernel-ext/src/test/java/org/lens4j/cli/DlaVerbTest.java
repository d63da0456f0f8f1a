package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.Lens;
import org.lens4j.kernel.TinyHub;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;

class DlaVerbTest {
    private static final String TEXT = "When Mary and John went to the store, John gave a drink to";
    private static final String NEO = TinyHub.neo().toString();

    private static MainTest.Ended dla(String... more) {
        String[] words = new String[6 + more.length];
        String[] first = {"dla", "demo", "--text", TEXT, "--answer", " Mary"};
        System.arraycopy(first, 0, words, 0, 6);
        System.arraycopy(more, 0, words, 6, more.length);
        return MainTest.lens(words);
    }

    @Test
    void the_parts_of_the_json_sum_to_the_logit_difference_of_the_model() {
        MainTest.Ended ended = dla("--wrong", " John", "--json", "-");
        assertThat(ended.code()).as(ended.err()).isZero();
        JsonObject json = JsonParser.parseString(ended.out()).getAsJsonObject();
        float sum = 0;
        for (JsonElement value : json.getAsJsonArray("values")) {
            sum += value.getAsFloat();
        }
        try (HookedTransformer model = Lens.load("demo");
                Run run = model.run(TEXT)) {
            int last = run.tokens().pos() - 1;
            float mary = run.logits().getFloat(0, last, model.tokenizer().single(" Mary"));
            float john = run.logits().getFloat(0, last, model.tokenizer().single(" John"));
            assertThat(sum).isCloseTo(mary - john, within(1e-3f));
        }
        assertThat(ended.err()).contains("·Mary − ·John: ").contains(" in all.");
    }

    @ParameterizedTest
    @CsvSource({
        "layer, component",
        "head, 'layer,head'",
        "neuron, 'layer,neuron'",
        "pos, 'component,source_pos'",
        "component, component"
    })
    void each_part_has_its_axes(String by, String axes) {
        MainTest.Ended ended = dla("--by", by, "--csv", "-");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).startsWith(axes + ",value\n");
    }

    @Test
    void the_table_says_what_is_left_out_and_pictures_are_written(@TempDir Path folder) {
        assertThat(dla("--by", "head").out())
                .startsWith("Direct logit attribution of ·Mary at 14·to, by head (logit), rows: layer, columns: head")
                .containsPattern("All \\d+ heads add ")
                .contains("embeddings, biases and MLPs add the rest, ");
        Path png = folder.resolve("dla.png");
        Path html = folder.resolve("dla.html");
        MainTest.Ended ended = dla("--by", "pos", "--png", png.toString(), "--html", html.toString());
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(png).isNotEmptyFile();
        assertThat(html).content().contains("<title>Direct logit attribution of ·Mary at 14·to, by position</title>");
    }

    @Test
    void an_answer_of_several_tokens_and_an_unknown_part_are_refused() {
        MainTest.Ended several = MainTest.lens("dla", "demo", "--text", TEXT, "--answer", " Mary John");
        assertThat(several.code()).isEqualTo(Main.WRONG);
        assertThat(several.err()).startsWith("\" Mary John\" is 2 tokens");
        assertThat(dla("--by", "heads").err())
                .startsWith(
                        "Unknown part of a model \"heads\" in attribution. Closest of 5: head, pos, layer. There are layer, head, neuron, pos, component.");
        assertThat(dla("--position", "99").err())
                .startsWith(
                        "Position 99 is asked for, and there are 15, numbered 0 to 14. Give one of those, or count from the end: -1 is the last.");
    }

    @Test
    void a_model_without_a_tokenizer_takes_ids() {
        MainTest.Ended ended = MainTest.lens(
                "dla", NEO, "--tokens", "4 32 5; 26 31 6", "--answer", "7", "--wrong", "id:9", "--by", "head");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).contains("7 − 9: ").contains(" in all (the mean of 2 prompts).");
        String bert = TinyHub.neo().resolveSibling("bert").toString();
        assertThat(MainTest.lens("dla", bert, "--tokens", "4 32", "--answer", "7")
                        .err())
                .startsWith("lens dla is for models that say the next token, and bert is a ");
    }

    @Test
    void a_file_of_the_model_is_not_written_over() {
        String config = TinyHub.neo().resolve("config.json").toString();
        MainTest.Ended ended = MainTest.lens("dla", NEO, "--tokens", "4 32", "--answer", "7", "--json", config);
        assertThat(ended.code()).isEqualTo(Main.WRONG);
        assertThat(ended.err()).startsWith("--json " + config + " is a file of the model itself.");
    }
}
