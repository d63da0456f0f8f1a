package org.lens4j.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.Lens;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.model.HookedTransformer;

/** Text to tokens as a user asks for them: with and without a token in front, padded, and found again. */
class TokensTest {
    private static final String BOS = "<|endoftext|>";

    private static HookedTransformer model;

    @BeforeAll
    static void load() {
        model = Lens.load("demo");
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void bare_tokens_lack_the_one_in_front() {
        assertThat(model.tokens("When Mary").strings(0)).containsExactly(BOS, "When", " Mary");
        assertThat(model.bareTokens("When Mary").strings(0)).containsExactly("When", " Mary");
    }

    @Test
    void texts_of_different_lengths_are_filled_up_on_the_side_asked_for() {
        Tokens left = model.tokens(PaddingSide.LEFT, "When Mary", "When Mary and John");
        assertThat(left.strings(0)).containsExactly(BOS, BOS, BOS, "When", " Mary");
        assertThat(left.isAttended(0, 1)).isFalse();
        assertThat(left.isAttended(0, 2)).isTrue();
        Tokens right = model.tokens(PaddingSide.RIGHT, "When Mary", "When Mary and John");
        assertThat(right.strings(0)).containsExactly(BOS, "When", " Mary", BOS, BOS);
        assertThat(right.isAttended(0, 4)).isFalse();
        assertThat(right.strings(1)).isEqualTo(left.strings(1));
    }

    @Test
    void a_token_is_found_at_its_first_and_at_its_last_position() {
        Tokens tokens = model.tokens("When Mary and John met, Mary");
        assertThat(tokens.position(0, " Mary")).isEqualTo(2);
        assertThat(tokens.lastPosition(0, " Mary")).isEqualTo(7);
        assertThatThrownBy(() -> tokens.position(0, "Mary"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageStartingWith(
                        "Unknown token \"Mary\" in \"" + BOS + "When Mary and John met, Mary\". Closest of ")
                .hasMessageContaining(":  Mary,")
                .hasMessageEndingWith("A word inside a text begins with a space.");
    }

    @Test
    void a_part_of_a_character_shows_its_byte_and_a_text_its_characters() {
        Tokens tokens = model.bareTokens("é 🙂 日");
        assertThat(tokens.strings(0)).startsWith("<0xC3>", "<0xA9>").noneMatch(it -> it.contains("\uFFFD"));
        assertThat(TokenLabels.labels(tokens.strings(0))).startsWith("0 <0xC3>", "1 <0xA9>");
        assertThat(tokens.text(0)).isEqualTo("é 🙂 日");
        assertThat(Tokens.of(new long[] {tokens.ids(0).get(0)}, model.tokenizer())
                        .text(0))
                .isEqualTo("<0xC3>");
        assertThat(model.bareTokens("a <0xC3> and \uFFFD").text(0)).isEqualTo("a <0xC3> and \uFFFD");
    }

    @Test
    void a_vocabulary_that_falls_back_to_bytes_has_their_names_itself(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(
                folder.resolve("tokenizer.json"),
                "{\"version\":\"1.0\",\"model\":{\"type\":\"BPE\",\"vocab\":{\"<0x41>\":0,\"<0xC3>\":1,\"ĠÃ\":2,\"Ã©\":3}}}");
        TokenBytes bytes = TokenBytes.read(file);
        assertThat(bytes.of(0)).isEmpty();
        assertThat(bytes.of(1)).hasValue("<0xC3>");
        assertThat(bytes.of(2)).hasValue(" <0xC3>");
        assertThat(bytes.of(3)).isEmpty();
        assertThat(TokenBytes.read(folder.resolve("none.json")).of(1)).isEmpty();
    }

    @Test
    void batches_of_one_length_are_joined() {
        Tokens joined = Tokens.joined(List.of(model.tokens("When Mary"), model.tokens("When John")));
        assertThat(joined.batch()).isEqualTo(2);
        assertThat(joined.strings(1)).containsExactly(BOS, "When", " John");
        assertThatThrownBy(() -> Tokens.joined(List.of(model.tokens("When"), model.tokens("When John"))))
                .isInstanceOf(ShapeException.class);
        Tokens padded = model.tokens(PaddingSide.LEFT, "When Mary", "When");
        assertThatThrownBy(() -> Tokens.joined(List.of(padded)))
                .hasMessage("Batches with padding or segments are not joined. Pad the sequences together.");
    }

    @Test
    void an_answer_says_what_is_odd_about_it() {
        assertThat(Answer.of(model.tokenizer(), " Mary").note()).isEmpty();
        assertThat(Answer.of(model.tokenizer(), ".").note()).isEmpty();
        assertThat(Answer.of(model.tokenizer(), "store").note())
                .hasValue(
                        "\"store\" begins without a space, and a word inside a text has one: \" store\" is another token.");
        assertThat(Answer.of(model.tokenizer(), " Mary").isOneToken()).isTrue();
    }
}
