package org.lens4j.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.CachedModels;
import org.lens4j.analysis.circuits.HeadScores;
import org.lens4j.analysis.circuits.RepeatedTokens;
import org.lens4j.analysis.residual.Answers;
import org.lens4j.analysis.residual.LogitAttribution;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.AnswerToken;
import org.lens4j.text.Tokens;

/**
 * What published notebooks and tests of TransformerLens say of GPT-2 small, Pythia, GPT-Neo and TinyStories. A test runs when its
 * model is in the local cache, and is reported as not run otherwise.
 */
@Tag("weights")
class KnownFiguresTest {
    private static final String GPT2 = "gpt2-small";
    /** Who is given something, and who if the giver is the other one. */
    private static final List<List<String>> NAMES = List.of(
            List.of(" Mary", " John"), List.of(" Tom", " James"), List.of(" Dan", " Sid"), List.of(" Martin", " Amy"));

    private static final List<String> TEMPLATES = List.of(
            "When John and Mary went to the shops,%s gave the bag to",
            "When Tom and James went to the park,%s gave the ball to",
            "When Dan and Sid went to the shops,%s gave an apple to",
            "After Martin and Amy went to the park,%s gave a drink to");

    private static HookedTransformer open(String name) {
        return CachedModels.ofTheUser().open(name);
    }

    /** The mean loss on "Hello world!" of TransformerLens's tests/acceptance/test_hooked_transformer.py, and its tolerance. */
    @ParameterizedTest
    @CsvSource({
        "gpt2-small, 5.331855773925781",
        "pythia-70m, 4.659344673156738",
        "gpt-neo-125M, 4.900552272796631",
        "tiny-stories-33M, 12.203617095947266"
    })
    void a_greeting_surprises_a_model_as_much_as_published(String name, float loss) {
        try (HookedTransformer model = open(name)) {
            assertThat(model.loss(model.tokens("Hello world!"))).isCloseTo(loss, within(4e-5f));
        }
    }

    /** From the examples in TransformerLens's ActivationCache.py. */
    @Test
    void tiny_stories_comes_to_the_road_layer_by_layer() {
        try (HookedTransformer model = open("tiny-stories-1M")) {
            Tokens prompt = model.tokens("Why did the chicken cross the");
            assertThat(model.answer(" road").id()).isEqualTo(2975);
            assertThat(Figures.ranksByLayer(model, prompt, 2975))
                    .containsExactly(4442, 382, 982, 1160, 408, 145, 78, 387, 6);
            // Their example prints labels[5], the third layer's attention: 5 of [component=10 batch=1 pos=7] is the
            // embedding
            // of the token at position 5.
            Grid parts = Figures.attributionOfAttention(model, prompt, " road");
            assertThat(parts.shape()).isEqualTo("[component=10 batch=1 pos=7]");
            assertThat(Figures.largest(parts)).isEqualTo(5);
        }
    }

    @Test
    void heads_of_one_prompt_add_what_the_published_notebook_says() {
        try (HookedTransformer model = open(GPT2)) {
            Tokens prompt = model.tokens("When John and Mary went to the shops, John gave the bag to");
            Answers answers = Answers.of(model.answer(" Mary")).against(model.answer(" John"));
            Grid heads = LogitAttribution.of(model, prompt, answers, LogitAttribution.By.HEAD)
                    .mean();
            int[][] places = {{9, 9}, {9, 6}, {10, 7}, {11, 1}, {11, 10}, {10, 0}, {10, 10}, {8, 10}};
            float[] figures = {1.9583f, 1.6281f, -1.4267f, -0.9117f, -0.9042f, 0.6370f, 0.4524f, 0.4264f};
            for (int i = 0; i < figures.length; i++) {
                assertThat(heads.at(places[i])).as(Arrays.toString(places[i])).isCloseTo(figures[i], within(2e-3f));
            }
            Grid all = LogitAttribution.of(model, prompt, answers, LogitAttribution.By.COMPONENT)
                    .mean();
            // The 37,011 components of the notebook, and the unembedding's bias.
            assertThat(all.axis("component").size()).isEqualTo(37_012);
        }
    }

    @Test
    void eight_prompts_have_the_published_logit_difference_and_name_movers() {
        try (HookedTransformer model = open(GPT2)) {
            List<long[]> prompts = new ArrayList<>();
            List<AnswerToken> right = new ArrayList<>();
            List<AnswerToken> wrong = new ArrayList<>();
            for (int i = 0; i < TEMPLATES.size(); i++) {
                for (int giver : new int[] {1, 0}) {
                    String text = TEMPLATES.get(i).formatted(NAMES.get(i).get(giver));
                    prompts.add(model.tokens(text).ids(0).stream()
                            .mapToLong(Long::longValue)
                            .toArray());
                    right.add(model.answer(NAMES.get(i).get(1 - giver)));
                    wrong.add(model.answer(NAMES.get(i).get(giver)));
                }
            }
            LogitAttribution found = LogitAttribution.of(
                    model,
                    Tokens.of(prompts.toArray(long[][]::new)),
                    new Answers(right, wrong),
                    LogitAttribution.By.HEAD);
            List<String> heads = Figures.rankedHeads(found.mean());
            float[] figures = {3.337f, 3.202f, 2.709f, 3.797f, 1.720f, 5.281f, 2.601f, 5.767f};
            for (int i = 0; i < figures.length; i++) {
                assertThat(found.totals().get(i)).as("prompt " + i).isCloseTo(figures[i], within(5e-3f));
            }
            assertThat(found.total()).isCloseTo(3.552f, within(5e-3f));
            assertThat(heads.subList(0, 3)).containsExactlyInAnyOrder("9.9", "9.6", "10.0");
            assertThat(heads.subList(heads.size() - 2, heads.size())).containsExactlyInAnyOrder("10.7", "11.10");
        }
    }

    @Test
    void five_heads_are_induction_heads() {
        try (HookedTransformer model = open(GPT2)) {
            Grid scores = HeadScores.induction(model, RepeatedTokens.random(model.config(), 8, 100, 1));
            Set<String> found = new TreeSet<>();
            for (int i = 0; i < 144; i++) {
                if (scores.values()[i] > 0.35f) {
                    found.add("%d.%d".formatted(i / 12, i % 12));
                }
            }
            assertThat(found).contains("5.1", "5.5", "6.9", "7.2", "7.10");
            assertThat(Figures.rankedHeads(scores).subList(0, 5))
                    .containsExactlyInAnyOrder("5.1", "5.5", "6.9", "7.2", "7.10");
        }
    }
}
