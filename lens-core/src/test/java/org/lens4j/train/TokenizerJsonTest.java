package org.lens4j.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.function.ToIntFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.train.english.SyntheticEnglish;

/** The file we write, read by Hugging Face's own library. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenizerJsonTest {
    private static final int CONTEXT = 128;

    private final SyntheticEnglish english = SyntheticEnglish.standard();
    private final Vocabulary vocabulary = Vocabulary.of(english.pieces());

    private Path directory;
    private HuggingFaceTokenizer tokenizer;

    @BeforeAll
    void load(@TempDir Path written) throws IOException {
        directory = written;
        new TokenizerJson(vocabulary).write(directory, CONTEXT);
        tokenizer = HuggingFaceTokenizer.newInstance(
                directory.resolve("tokenizer.json"), Map.of("addSpecialTokens", "false"));
    }

    @AfterAll
    void close() {
        tokenizer.close();
    }

    @Test
    void every_word_is_one_token_with_its_leading_space() {
        for (String piece : english.pieces()) {
            long[] ids = tokenizer.encode(piece).getIds();
            assertThat(ids).as(piece).hasSize(1);
            assertThat(tokenizer.decode(ids)).isEqualTo(piece);
        }
    }

    @Test
    void a_name_at_the_start_is_another_token_than_within_a_sentence() {
        assertThat(tokenizer.encode("Mary").getIds())
                .hasSize(1)
                .isNotEqualTo(tokenizer.encode(" Mary").getIds());
        assertThat(decodedOneByOne("When Mary and John went to the store, John gave a drink to"))
                .containsExactly(
                        "When", " Mary", " and", " John", " went", " to", " the", " store", ",", " John", " gave", " a",
                        " drink", " to");
    }

    @Test
    void end_of_text_is_the_last_id_and_special() {
        assertThat(tokenizer.encode("<|endoftext|>").getIds()).containsExactly(vocabulary.size() - 1);
        assertThat(tokenizer.encode(".<|endoftext|>When").getIds()).hasSize(3);
        assertThat(tokenizer.decode(new long[] {vocabulary.endOfText()}, true)).isEmpty();
        assertThat(tokenizer.decode(new long[] {vocabulary.endOfText()}, false)).isEqualTo("<|endoftext|>");
    }

    @Test
    void nothing_is_added_around_a_text_unless_it_is_asked_for() {
        assertThat(tokenizer.encode("").getIds()).isEmpty();
        assertThat(tokenizer.encode(" Mary", true, false).getIds()).hasSize(1);
    }

    @Test
    void any_unicode_text_comes_back_as_it_was() {
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            String text = unicode(random, TokenizerJsonTest::anyCodePoint);
            assertThat(tokenizer.decode(tokenizer.encode(text).getIds())).isEqualTo(text);
        }
    }

    @Test
    void our_vocabulary_and_the_library_cut_text_alike() {
        Random random = new Random(2);
        for (int i = 0; i < 2000; i++) {
            assertSameIds(unicode(random, TokenizerJsonTest::longAssigned));
        }
        english.training(3).limit(2000).forEach(this::assertSameIds);
        assertSameIds("Mary's dog isn't \"here\", it's 12 o'clock;\n\n\tJohn  gave   a drink to\t Mary ");
    }

    @Test
    void ids_run_from_zero_without_a_gap() throws IOException {
        JsonObject model = JsonParser.parseString(Files.readString(directory.resolve("tokenizer.json")))
                .getAsJsonObject()
                .getAsJsonObject("model");
        int[] ids = model.getAsJsonObject("vocab").asMap().values().stream()
                .mapToInt(id -> id.getAsInt())
                .sorted()
                .toArray();
        assertThat(ids).hasSize(vocabulary.size());
        Arrays.setAll(ids, i -> ids[i] - i);
        assertThat(ids).containsOnly(0);
    }

    @Test
    void the_config_names_the_special_token_and_the_context() throws IOException {
        JsonObject config = JsonParser.parseString(Files.readString(directory.resolve("tokenizer_config.json")))
                .getAsJsonObject();
        assertThat(config.get("bos_token").getAsString()).isEqualTo("<|endoftext|>");
        assertThat(config.get("model_max_length").getAsInt()).isEqualTo(CONTEXT);
    }

    @Test
    void the_vocabulary_leaves_room_for_the_model() {
        assertThat(vocabulary.size()).isBetween(257, 1000);
    }

    private void assertSameIds(String text) {
        assertThat(Arrays.stream(vocabulary.encode(text)).asLongStream().toArray())
                .as(text)
                .isEqualTo(tokenizer.encode(text).getIds());
    }

    private String[] decodedOneByOne(String text) {
        return LongStream.of(tokenizer.encode(text).getIds())
                .mapToObj(id -> tokenizer.decode(new long[] {id}))
                .toArray(String[]::new);
    }

    /** Words of the language among other characters, with spaces here and there. */
    private String unicode(Random random, ToIntFunction<Random> codePoint) {
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(20); length > 0; length--) {
            switch (random.nextInt(4)) {
                case 0 ->
                    text.append(
                            english.pieces().get(random.nextInt(english.pieces().size())));
                case 1 -> text.append((char) (' ' + random.nextInt(95)));
                case 2 -> text.append(' ');
                default -> text.appendCodePoint(codePoint.applyAsInt(random));
            }
        }
        return text.toString();
    }

    private static int anyCodePoint(Random random) {
        int codePoint = random.nextInt(Character.MAX_CODE_POINT + 1) >> random.nextInt(14);
        return Character.getType(codePoint) == Character.SURROGATE ? '~' : codePoint;
    }

    /** Letters, signs and spaces that every version of Unicode in use classifies alike. */
    private static int longAssigned(Random random) {
        return switch (random.nextInt(5)) {
            case 0 -> 1 + random.nextInt(0x9F);
            case 1 -> 0xA0 + random.nextInt(0xA0);
            case 2 -> 0x410 + random.nextInt(0x40);
            case 3 -> 0x2000 + random.nextInt(0x28);
            default -> random.nextInt(2) == 0 ? 0x4E00 + random.nextInt(0x5000) : 0x1F600 + random.nextInt(0x40);
        };
    }
}
