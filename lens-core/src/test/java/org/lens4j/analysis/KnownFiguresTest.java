package org.lens4j.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.lens4j.Lens;
import org.lens4j.analysis.circuits.HeadScores;
import org.lens4j.analysis.circuits.RepeatedTokens;
import org.lens4j.analysis.residual.Answers;
import org.lens4j.analysis.residual.LogitAttribution;
import org.lens4j.error.HubException;
import org.lens4j.hub.HubOptions;
import org.lens4j.hub.HubSettings;
import org.lens4j.load.LoadOptions;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.AnswerToken;
import org.lens4j.text.Tokens;

/**
 * What is known of GPT-2 small, in published notebooks of TransformerLens. Runs when the model is in the local cache;
 * otherwise each test is reported as not run.
 */
@Tag("weights")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KnownFiguresTest {
    private static final String NAME = "gpt2-small";
    /** Who is given something, and who if the giver is the other one. */
    private static final List<List<String>> NAMES = List.of(
            List.of(" Mary", " John"), List.of(" Tom", " James"), List.of(" Dan", " Sid"), List.of(" Martin", " Amy"));

    private static final List<String> TEMPLATES = List.of(
            "When John and Mary went to the shops,%s gave the bag to",
            "When Tom and James went to the park,%s gave the ball to",
            "When Dan and Sid went to the shops,%s gave an apple to",
            "After Martin and Amy went to the park,%s gave a drink to");

    private Optional<HookedTransformer> loaded = Optional.empty();

    /** Maven gives the tests a cache without models; these look into the user's. */
    @BeforeAll
    void look_into_the_cache() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put(
                "HF_HOME",
                System.getProperty("lens.huggingface", System.getProperty("user.home") + "/.cache/huggingface"));
        HubOptions hub = HubOptions.of(HubSettings.fromEnvironment(environment)).withOffline();
        try {
            loaded = Optional.of(Lens.load(NAME, LoadOptions.defaults().withHub(hub)));
        } catch (HubException missing) {
            System.out.println("not run: " + missing.getMessage());
        }
    }

    @AfterAll
    void close() {
        loaded.ifPresent(HookedTransformer::close);
    }

    private HookedTransformer model() {
        assumeTrue(loaded.isPresent(), NAME + " is not in the local Hugging Face cache");
        return loaded.orElseThrow();
    }

    private static AnswerToken token(HookedTransformer model, String text) {
        return AnswerToken.of(model.tokenizer(), text);
    }

    /** The labels of a layer-by-head grid, largest first. */
    private static List<String> ranked(Grid grid) {
        float[] values = grid.values();
        int nHeads = grid.axis("head").size();
        return IntStream.range(0, values.length)
                .boxed()
                .sorted((a, b) -> Float.compare(values[b], values[a]))
                .map(i -> "%d.%d".formatted(i / nHeads, i % nHeads))
                .toList();
    }

    @Test
    void heads_of_one_prompt_add_what_the_published_notebook_says() {
        HookedTransformer model = model();
        Tokens prompt = model.tokens("When John and Mary went to the shops, John gave the bag to");
        Answers answers = Answers.of(token(model, " Mary")).against(token(model, " John"));
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

    @Test
    void eight_prompts_have_the_published_logit_difference_and_name_movers() {
        HookedTransformer model = model();
        List<long[]> prompts = new ArrayList<>();
        List<AnswerToken> right = new ArrayList<>();
        List<AnswerToken> wrong = new ArrayList<>();
        for (int i = 0; i < TEMPLATES.size(); i++) {
            for (int giver : new int[] {1, 0}) {
                String text = TEMPLATES.get(i).formatted(NAMES.get(i).get(giver));
                prompts.add(model.tokens(text).ids(0).stream()
                        .mapToLong(Long::longValue)
                        .toArray());
                right.add(token(model, NAMES.get(i).get(1 - giver)));
                wrong.add(token(model, NAMES.get(i).get(giver)));
            }
        }
        LogitAttribution found = LogitAttribution.of(
                model, Tokens.of(prompts.toArray(long[][]::new)), new Answers(right, wrong), LogitAttribution.By.HEAD);
        List<String> heads = ranked(found.mean());
        float[] figures = {3.337f, 3.202f, 2.709f, 3.797f, 1.720f, 5.281f, 2.601f, 5.767f};
        for (int i = 0; i < figures.length; i++) {
            assertThat(found.totals().get(i)).as("prompt " + i).isCloseTo(figures[i], within(5e-3f));
        }
        assertThat(found.total()).isCloseTo(3.552f, within(5e-3f));
        assertThat(heads.subList(0, 3)).containsExactlyInAnyOrder("9.9", "9.6", "10.0");
        assertThat(heads.subList(heads.size() - 2, heads.size())).containsExactlyInAnyOrder("10.7", "11.10");
    }

    @Test
    void five_heads_are_induction_heads() {
        HookedTransformer model = model();
        Grid scores = HeadScores.induction(model, RepeatedTokens.random(model.config(), 8, 100, 1));
        Set<String> found = new TreeSet<>();
        for (int i = 0; i < 144; i++) {
            if (scores.values()[i] > 0.35f) {
                found.add("%d.%d".formatted(i / 12, i % 12));
            }
        }
        assertThat(found).contains("5.1", "5.5", "6.9", "7.2", "7.10");
        assertThat(ranked(scores).subList(0, 5)).containsExactlyInAnyOrder("5.1", "5.5", "6.9", "7.2", "7.10");
    }
}
