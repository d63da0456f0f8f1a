package org.lens4j.analysis.prompts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.Lens;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedTransformer;

class PairFileTest {
    private static final String DRINK = """
            {"label": "drink", "clean": "Mary and John met, John gave a drink to", "corrupted": "Mary and John met, Mary gave a drink to", "answer": " Mary", "wrong": " John"}""";
    private static final String RING = """
            {"clean": "Tom and Anna met, Anna gave a ring to", "corrupted": "Tom and Anna met, Tom gave a ring to", "answer": " Tom", "wrong": " Anna"}""";
    private static final String SHORTER = """
            {"label": "short", "clean": "Tom and Anna met, Anna gave a ring", "corrupted": "Tom and Anna met, Tom gave a ring", "answer": " Tom", "wrong": " Anna"}""";

    private static HookedTransformer model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void load() {
        model = Lens.load("demo");
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private Path file(String... lines) throws IOException {
        return Files.write(folder.resolve("pairs.jsonl"), List.of(lines));
    }

    @Test
    void a_line_is_a_pair_with_its_answers_and_its_label() throws IOException {
        PromptPairs pairs = PairFile.read(model, file(DRINK, "", RING));
        assertThat(pairs.labels()).containsExactly("drink", "line 3");
        PromptPair first = pairs.pairs().get(0);
        assertThat(first.cleanTokens().ids(0))
                .isEqualTo(
                        model.tokens("Mary and John met, John gave a drink to").ids(0));
        assertThat(first.corruptedTokens().ids(0))
                .isEqualTo(
                        model.tokens("Mary and John met, Mary gave a drink to").ids(0));
        assertThat(pairs.rightTokens())
                .containsExactly(
                        model.tokenizer().single(" Mary"), model.tokenizer().single(" Tom"));
        assertThat(pairs.wrongTokens())
                .containsExactly(
                        model.tokenizer().single(" John"), model.tokenizer().single(" Anna"));
    }

    @Test
    void pairs_may_have_several_lengths() throws IOException {
        int length = model.tokens("Tom and Anna met, Anna gave a ring").pos();
        assertThat(PairFile.read(model, file(DRINK, RING, SHORTER)).byLength()).containsOnlyKeys(length, length + 1);
    }

    @Test
    void positions_have_names_counted_from_either_end() throws IOException {
        String named = SHORTER.replace("}", ", \"positions\": {\"start\": 0, \"giver\": -4, \"end\": -1}}");
        PromptPair pair = PairFile.read(model, file(named)).pairs().get(0);
        int length = pair.cleanTokens().pos();
        assertThat(pair.positions())
                .containsExactly(Map.entry("start", 0), Map.entry("giver", length - 4), Map.entry("end", length - 1));
        assertThat(pair.cleanTokens().strings(0).get(pair.position("giver"))).isEqualTo(" Anna");
        assertThat(PairFile.read(model, file(DRINK)).pairs().get(0).positions()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "gave a drink to\", \"answer | gave to\", \"answer | has a clean prompt of 11 tokens and a corrupted one of 9, and patching needs position for position. Change words",
                "\" Mary\" | \" Mary gave\" | has no token as its field \"answer\": \" Mary gave\" is 2 tokens",
                "\"wrong\" | \"worng\" | has a field \"worng\", which means nothing here. A pair is {",
                ", \"wrong\": \" John\" | `` | has no field \"wrong\"; it has [label, clean, corrupted, answer]. A pair is {",
                "\" John\"} | \" Mary\"} | has the same token as answer and wrong, \" Mary\". Give another wrong one.",
                "\" John\"} | 3} | has something else than a text in its field \"wrong\": 3.",
                "drink\", \"clean | mean\", \"clean | has the label \"mean\", and results call other things so.",
                "\" John\"} | \" John\", \"positions\": 3} | has something else than names of positions in its field \"positions\": 3.",
                "\" John\"} | \" John\", \"positions\": {\"end\": 11}} | has 11 as its position \"end\". Its prompts have 11 tokens: give 0 to 10, or -1 for the last.",
                "\" John\"} | \" John\", \"positions\": {\"end\": -12}} | has -12 as its position \"end\".",
                "\" John\"} | \" John\", \"positions\": {\"end\": \"x\"}} | has \"x\" as its position \"end\".",
                "{\"label | [\"label | is no JSON object. Every line is one: {",
            })
    void a_line_that_is_no_pair_is_named_with_what_is_wrong(String right, String wrong, String message)
            throws IOException {
        assertThat(DRINK).contains(right);
        Path bad = file(RING, DRINK.replace(right, wrong));
        assertThatThrownBy(() -> PairFile.read(model, bad))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("Line 2 of %s %s", bad, message);
    }

    @Test
    void every_pair_names_the_same_positions() throws IOException {
        String first = DRINK.replace("}", ", \"positions\": {\"giver\": 2, \"end\": -1}}");
        Path misspelt = file(first, RING.replace("}", ", \"positions\": {\"end\": -1, \"given\": 2}}"));
        assertThatThrownBy(() -> PairFile.read(model, misspelt))
                .hasMessage(
                        "Line 2 of %s names the positions [end, given], and the first pair names [giver, end]. Give every pair the same names, or none.",
                        misspelt);
        Path missing = file(first, RING);
        assertThatThrownBy(() -> PairFile.read(model, missing)).hasMessageContaining("names the positions [], and");
    }

    @Test
    void a_label_is_given_once_and_a_file_has_pairs() throws IOException {
        Path twice = file(DRINK, RING, DRINK);
        assertThatThrownBy(() -> PairFile.read(model, twice))
                .hasMessage("Line 3 of %s has the label \"drink\" of line 1. Give each pair its own.", twice);
        Path empty = file("");
        assertThatThrownBy(() -> PairFile.read(model, empty))
                .hasMessageStartingWith("%s has no prompt pairs. Write a line for each pair: {", empty);
        Path none = folder.resolve("none.jsonl");
        assertThatThrownBy(() -> PairFile.read(model, none))
                .hasMessageStartingWith("There is no file %s with prompt pairs.", none);
        assertThatThrownBy(() -> PairFile.read(model, folder))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("%s is a folder. Name a file in it with a line for each pair: {", folder);
        Files.write(none, new byte[] {(byte) 0xff, 10});
        assertThatThrownBy(() -> PairFile.read(model, none)).hasMessageContaining("cannot be read as UTF-8 text");
    }
}
