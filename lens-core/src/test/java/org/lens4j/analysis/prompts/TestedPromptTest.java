package org.lens4j.analysis.prompts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lens4j.Lens;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.analysis.logits.Prediction;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedTransformer;

class TestedPromptTest {
    private static final String PROMPT = "When Mary and John went to the store, John gave a drink to";

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
    void answers_have_the_rank_they_have_among_all_tokens() {
        TestedPrompt tested = TestedPrompt.of(model, PROMPT, List.of(" Mary", " John"), 5);
        List<Prediction> all = NextTokens.of(
                        model, model.tokens(PROMPT), model.config().dVocab())
                .top();
        for (TestedPrompt.Tested answer : tested.answers()) {
            TestedPrompt.Scored scored = answer.tokens().get(0);
            Prediction there = all.get(scored.rank());
            assertThat(there.token()).isEqualTo(answer.text());
            assertThat(scored.logit()).isEqualTo(there.logit());
            assertThat(scored.probability()).isCloseTo(there.probability(), Offset.offset(1e-6f));
        }
        assertThat(tested.answers().get(0).tokens().get(0).rank()).isZero();
        assertThat(tested.next().top()).hasSize(5).isEqualTo(all.subList(0, 5));
        assertThat(tested.notes()).isEmpty();
        assertThat(tested.ranks().axis("token").labels()).containsExactly("0·Mary", "1·John");
        assertThat(tested.probabilities().at(0))
                .isEqualTo(tested.answers().get(0).tokens().get(0).probability());
        assertThat(tested.logits().at(0)).isGreaterThan(tested.logits().at(1));
    }

    @Test
    void tokens_of_a_longer_answer_count_behind_each_other() {
        TestedPrompt tested = TestedPrompt.of(model, PROMPT, " Mary.");
        TestedPrompt.Tested answer = tested.answers().get(0);
        assertThat(answer.tokens()).hasSize(2);
        assertThat(answer.tokens().get(0).probability())
                .isCloseTo(
                        TestedPrompt.of(model, PROMPT, " Mary")
                                .answers()
                                .get(0)
                                .tokens()
                                .get(0)
                                .probability(),
                        Offset.offset(1e-5f));
        assertThat(answer.tokens().get(1).probability())
                .isCloseTo(
                        TestedPrompt.of(model, PROMPT + " Mary", ".")
                                .answers()
                                .get(0)
                                .tokens()
                                .get(0)
                                .probability(),
                        Offset.offset(1e-5f));
        assertThat(answer.logProb())
                .isCloseTo(
                        Math.log(answer.tokens().get(0).probability())
                                + Math.log(answer.tokens().get(1).probability()),
                        Offset.offset(1e-6));
        assertThat(tested.notes())
                .containsExactly("\" Mary.\" is 2 tokens, [ Mary, .]; each counts behind those before it.");
    }

    @Test
    void a_missing_space_is_pointed_out_and_nothing_is_put_in_its_place() {
        TestedPrompt tested = TestedPrompt.of(model, PROMPT + " ", "Mary", ",");
        assertThat(tested.notes())
                .containsExactly(
                        "The prompt ends with a space, and most tokenizers make a space part of the word behind it: it is best left out.",
                        "\"Mary\" begins without a space, and a word inside a text has one: \" Mary\" is another token.");
        assertThat(tested.answers().get(0).tokens().get(0).id())
                .isEqualTo(model.tokenizer().single("Mary"));
    }

    @Test
    void an_empty_answer_is_refused() {
        assertThatThrownBy(() -> TestedPrompt.of(model, PROMPT, ""))
                .isInstanceOf(UsageException.class)
                .hasMessage("An answer is empty, so it has no token. Write one with its leading space: \" Mary\".");
    }
}
