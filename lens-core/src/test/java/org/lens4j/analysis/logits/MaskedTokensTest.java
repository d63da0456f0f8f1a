package org.lens4j.analysis.logits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.Fixtures;
import org.lens4j.Lens;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedEncoder;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.text.Tokens;

/** Text for the encoder of the fixtures, by a tokenizer of a hundred words that is written as BERT's are. */
class MaskedTokensTest {
    private static final List<String> SPECIAL = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");
    private static final int VOCABULARY = 113;

    private HookedEncoder model;

    MaskedTokensTest(@TempDir Path folder) throws IOException {
        for (String file : List.of("config.json", "model.safetensors")) {
            Files.copy(Fixtures.committed("bert").resolve(file), folder.resolve(file));
        }
        Files.writeString(folder.resolve("tokenizer.json"), tokenizer());
        model = Lens.loadEncoder(folder.toString());
    }

    @BeforeEach
    void model_has_a_tokenizer() {
        assertThat(model.hasTokenizer()).isTrue();
    }

    @AfterEach
    void close() {
        model.close();
    }

    private static String tokenizer() {
        String added = IntStream.range(0, SPECIAL.size())
                .mapToObj(id -> """
                        {"id":%d,"content":"%s","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}""".formatted(id, SPECIAL.get(id)))
                .collect(Collectors.joining(","));
        String words = IntStream.range(0, VOCABULARY)
                .mapToObj(id -> "\"%s\":%d".formatted(id < SPECIAL.size() ? SPECIAL.get(id) : "w" + id, id))
                .collect(Collectors.joining(","));
        return """
                {"version":"1.0","truncation":null,"padding":null,"added_tokens":[%s],"normalizer":null,
                 "pre_tokenizer":{"type":"WhitespaceSplit"},
                 "post_processor":{"type":"TemplateProcessing",
                  "single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
                            {"SpecialToken":{"id":"[SEP]","type_id":0}}],
                  "pair":[{"SpecialToken":{"id":"[CLS]","type_id":0}},{"Sequence":{"id":"A","type_id":0}},
                          {"SpecialToken":{"id":"[SEP]","type_id":0}},{"Sequence":{"id":"B","type_id":1}},
                          {"SpecialToken":{"id":"[SEP]","type_id":1}}],
                  "special_tokens":{"[CLS]":{"id":"[CLS]","ids":[2],"tokens":["[CLS]"]},
                                    "[SEP]":{"id":"[SEP]","ids":[3],"tokens":["[SEP]"]}}},
                 "decoder":null,"model":{"type":"WordLevel","vocab":{%s},"unk_token":"[UNK]"}}""".formatted(added, words);
    }

    @Test
    void a_text_gets_the_tokens_around_it_that_the_tokenizer_asks_for() {
        Tokens tokens = model.tokens("w10 [MASK] w12");
        assertThat(tokens.ids(0)).containsExactly(2L, 10L, 4L, 12L, 3L);
        assertThat(tokens.strings(0)).containsExactly("[CLS]", "w10", "[MASK]", "w12", "[SEP]");
        assertThat(tokens.hasSegments()).isFalse();
    }

    @Test
    void two_texts_are_in_segments_of_their_own() {
        Tokens tokens = model.tokens("w10 w11", "w12");
        assertThat(tokens.ids(0)).containsExactly(2L, 10L, 11L, 3L, 12L, 3L);
        assertThat(IntStream.range(0, 6).mapToLong(pos -> tokens.segment(0, pos)))
                .containsExactly(0L, 0L, 0L, 0L, 1L, 1L);
    }

    @Test
    void every_masked_position_gets_the_tokens_with_the_highest_logits() {
        Tokens tokens = model.tokens("w10 [MASK] w12 [MASK]");
        MaskedTokens masked = MaskedTokens.of(model, tokens, 3);
        assertThat(masked.places()).extracting(MaskedTokens.Place::pos).containsExactly(2, 4);
        try (Run run = model.run(tokens);
                NDArray row = run.logits().get("0, 4")) {
            float[] logits = row.toFloatArray();
            List<Integer> best = IntStream.range(0, VOCABULARY)
                    .boxed()
                    .sorted((a, b) -> Float.compare(logits[b], logits[a]))
                    .limit(3)
                    .toList();
            List<Prediction> top = masked.places().get(1).top();
            assertThat(top).extracting(Prediction::tokenId).isEqualTo(best);
            assertThat(top.get(0).logit()).isEqualTo(logits[best.get(0)]);
            assertThat(top.get(0).token())
                    .isEqualTo(best.get(0) < SPECIAL.size() ? SPECIAL.get(best.get(0)) : "w" + best.get(0));
        }
    }

    @Test
    void a_text_without_a_mask_is_refused() {
        assertThatThrownBy(() -> MaskedTokens.of(model, model.tokens("w10 w11"), 3))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("has no [MASK] (token 4), so there is nothing to fill in.");
    }

    @Test
    void the_order_of_two_texts_counts_for_the_next_sentence() {
        float sure = model.nextSentence("w10 w11", "w12 w13");
        assertThat(sure).isBetween(0f, 1f).isNotEqualTo(model.nextSentence("w12 w13", "w10 w11"));
        Tokens tokens = model.tokens("w10 w11", "w12 w13");
        RunOptions options = RunOptions.defaults().withNextSentence().withCached("nsp_head.*");
        try (Run run = model.run(tokens, options)) {
            float[] scores = run.cache().get("nsp_head.hook_nsp_out").toFloatArray();
            assertThat(sure > 0.5f).isEqualTo(scores[0] > scores[1]);
        }
    }
}
