package org.lens4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class VocabularyTest {
    private final Vocabulary vocabulary = Vocabulary.of(List.of("Mary", " Mary", " gave"));

    @Test
    void words_are_whole_and_the_rest_is_bytes() {
        assertThat(vocabulary.encode("Mary gave")).containsExactly(256, 258);
        assertThat(vocabulary.encode("!Mary")).containsExactly(0, 256);
        assertThat(vocabulary.encode(" Maryland")).hasSize(" Maryland".length());
        assertThat(vocabulary.size()).isEqualTo(260);
        assertThat(vocabulary.endOfText()).isEqualTo(259);
    }

    @Test
    void bytes_have_the_ids_they_have_in_gpt2() {
        assertThat(vocabulary.encode("A")).containsExactly(32);
        assertThat(vocabulary.encode("\n")).containsExactly(198);
        assertThat(vocabulary.encode(" ")).containsExactly(220);
        assertThat(vocabulary.encode("é")).containsExactly(127, 102);
    }

    @Test
    void decoding_undoes_encoding() {
        String text = " Mary gave Zoë 3 \uD83D\uDE00s,\r\n\t'twas\u00A0so.";
        assertThat(vocabulary.decode(vocabulary.encode(text))).isEqualTo(text);
        assertThat(vocabulary.decode(259)).isEqualTo("<|endoftext|>");
    }

    @Test
    void only_a_single_token_has_an_id() {
        assertThat(vocabulary.id(" Mary")).hasValue(257);
        assertThat(vocabulary.id(" Peter")).isEmpty();
        assertThat(vocabulary.id("")).isEmpty();
    }

    @Test
    void a_piece_that_can_never_be_one_token_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Vocabulary.of(List.of(" went to")))
                .withMessage("\" went to\" cannot be one token: GPT-2's rule cuts it into [ went,  to]."
                        + " Give a single word, with at most one leading space.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Vocabulary.of(List.of("")))
                .withMessageStartingWith("\"\" cannot be one token");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Vocabulary.of(List.of(".")))
                .withMessage("\".\" is a single byte, and the 256 bytes are in every vocabulary. Leave it out.");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Vocabulary.of(List.of(" to", " to")))
                .withMessage("The vocabulary lists \" to\" twice, so its id would be ambiguous. List it once.");
    }

    @Test
    void an_id_beyond_the_vocabulary_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> vocabulary.decode(260))
                .withMessage("No token 260: this vocabulary has 260 tokens. Use an id from 0 to 259.");
    }
}
