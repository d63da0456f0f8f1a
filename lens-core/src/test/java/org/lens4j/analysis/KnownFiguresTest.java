package org.lens4j.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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
import org.lens4j.analysis.prompts.IndirectObjects;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.analysis.prompts.TestedPrompt;
import org.lens4j.analysis.residual.Answers;
import org.lens4j.analysis.residual.LogitAttribution;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;

/**
 * What published notebooks and tests of TransformerLens say of GPT-2 small, Pythia, GPT-Neo and TinyStories. A test runs when its
 * model is in the local cache, and is reported as not run otherwise.
 */
@Tag("weights")
class KnownFiguresTest {
    private static final String GPT2 = "gpt2-small";

    private static HookedTransformer open(String name) {
        return CachedModels.ofTheUser().open(name);
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

    /** TransformerLens's ioi_eval: its bounds, on prompts of ours, since its own are drawn anew each time. */
    @Test
    void indirect_objects_are_told_apart() {
        try (HookedTransformer model = open(GPT2)) {
            PromptPairs pairs = IndirectObjects.standard().pairs(model, 100, 1);
            assertThat(Figures.shareAhead(Figures.leads(model, pairs, false))).isGreaterThanOrEqualTo(0.99);
            List<Float> symmetric = Figures.leads(model, pairs, true);
            assertThat(Figures.mean(symmetric)).isGreaterThan(2);
            assertThat(Figures.shareAhead(symmetric)).isGreaterThan(0.9);
        }
    }

    /** TransformerLens's Direct_Logit_Attribution_Demo: the neuron that matters most to each of three tokens. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"\" Mary\", 11, 611, 0.3188", "\" John\", 11, 621, -0.4359", "\" the\", 10, 2214, 0.4369"})
    void one_neuron_matters_most_to_a_token(String token, int layer, int neuron, float figure) {
        try (HookedTransformer model = open(GPT2)) {
            Tokens prompt = model.tokens("When John and Mary went to the shops, John gave the bag to");
            Grid neurons = LogitAttribution.of(
                            model, prompt, Answers.of(model.answer(token)), LogitAttribution.By.NEURON)
                    .mean();
            assertThat(neurons.at(layer, neuron)).isCloseTo(figure, within(2e-3f));
            assertThat(Figures.farthest(neurons)).isEqualTo(layer * 3072 + neuron);
        }
    }

    /** TransformerLens's Main_Demo: what the last norm's bias says before any text, and what it makes of two names. */
    @Test
    void the_bias_of_the_unembedding_knows_common_tokens() {
        try (HookedTransformer model = open(GPT2)) {
            float[] bias = model.parameter("unembed.b_U").toFloatArray();
            assertThat(Figures.largestTokens(model, "unembed.b_U", 5)).containsExactly(",", " the", " and", ".", "\n");
            assertThat(bias[(int) model.answer(",").id()]).isCloseTo(7.03f, within(0.01f));
            assertThat(bias[(int) model.answer(" the").id()]).isCloseTo(6.98f, within(0.01f));
            assertThat(bias[(int) model.answer(" and").id()]).isCloseTo(6.68f, within(0.01f));
            float john = bias[(int) model.answer(" John").id()];
            float mary = bias[(int) model.answer(" Mary").id()];
            assertThat(john).isCloseTo(2.8995f, within(2e-4f));
            assertThat(mary).isCloseTo(1.6034f, within(2e-4f));
            assertThat(Math.exp(john - mary)).isCloseTo(3.6550, within(2e-3));
        }
    }

    /** TransformerLens's Main_Demo. */
    @Test
    void a_cat_on_a_mat_has_its_tokens_and_what_follows() {
        try (HookedTransformer model = open(GPT2)) {
            Tokens cat = model.tokens("The cat sat on the mat.");
            assertThat(cat.ids(0)).containsExactly(50256L, 464L, 3797L, 3332L, 319L, 262L, 2603L, 13L);
            TestedPrompt tested = TestedPrompt.of(model, "The cat sat on the mat.", " The");
            assertThat(tested.answers().get(0).tokens().get(0).probability()).isCloseTo(0.1198f, within(1e-4f));
        }
    }

    /** TransformerLens's Main_Demo: {@code logits_to_logit_diff}. */
    @Test
    void two_prompts_differ_in_who_is_given_the_milk() {
        try (HookedTransformer model = open(GPT2)) {
            Answers answers = Answers.of(model.answer(" John")).against(model.answer(" Mary"));
            assertThat(difference(model, "Mary", answers)).isCloseTo(4.276f, within(2e-3f));
            assertThat(difference(model, "John", answers)).isCloseTo(-2.738f, within(2e-3f));
        }
    }

    private static float difference(HookedTransformer model, String giver, Answers answers) {
        Tokens prompt =
                model.tokens("After John and Mary went to the store, %s gave a bottle of milk to".formatted(giver));
        return LogitAttribution.of(model, prompt, answers, LogitAttribution.By.LAYER)
                .total();
    }

    @Test
    void eight_prompts_have_the_published_logit_difference_and_name_movers() {
        try (HookedTransformer model = open(GPT2)) {
            EightPrompts eight = EightPrompts.of(model);
            assertThat(eight.right()).containsExactly(5335, 1757, 4186, 3700, 6035, 15686, 5780, 14235);
            LogitAttribution found = LogitAttribution.of(
                    model,
                    eight.clean(),
                    Answers.ofIds(eight.right()).againstIds(eight.wrong()),
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

    /** The scores of TransformerLens's Exploratory_Analysis_Demo, on other random tokens. */
    @Test
    void heads_of_the_token_before_and_of_the_same_token_are_the_published_ones() {
        try (HookedTransformer model = open(GPT2)) {
            Tokens repeated = RepeatedTokens.random(model.config(), 8, 100, 1);
            Grid previous = HeadScores.previousToken(model, repeated);
            assertThat(previous.at(4, 11)).isCloseTo(0.992f, within(0.02f));
            assertThat(Figures.rankedHeads(previous).get(0)).isEqualTo("4.11");
            assertThat(Figures.rankedHeads(HeadScores.duplicateToken(model, repeated))
                            .subList(0, 2))
                    .containsExactlyInAnyOrder("0.5", "3.0");
        }
    }
}
