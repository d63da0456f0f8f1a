package org.lens4j.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.CachedModels;
import org.lens4j.Lens;
import org.lens4j.analysis.prompts.IndirectObjects;
import org.lens4j.analysis.prompts.PromptPair;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.text.Tokens;
import org.opentest4j.TestAbortedException;

/**
 * The means by which {@link KnownFiguresTest} looks at models this machine may not have, tried on the embedded model, which
 * stands in a cache under the name of one of them.
 */
class FiguresTest {
    private static final Path DEMO = Path.of("src/main/resources/org/lens4j/models/demo");
    private static final String PROMPT = "When Mary and John went to the store, John gave a drink to";

    @TempDir
    private Path home;

    private HookedTransformer standIn() throws IOException {
        Path model = home.resolve("hub/models--roneneldan--TinyStories-1M");
        Path snapshot = Files.createDirectories(model.resolve("snapshots/abc"));
        Files.writeString(Files.createDirectories(model.resolve("refs")).resolve("main"), "abc");
        try (Stream<Path> files = Files.list(DEMO)) {
            for (Path file : files.toList()) {
                Files.copy(file, snapshot.resolve(file.getFileName()));
            }
        }
        return CachedModels.in(home).open("tiny-stories-1M");
    }

    private static float[] lastLogits(HookedTransformer model, Tokens prompt) {
        try (Run run = model.run(prompt, RunOptions.defaults())) {
            return run.logits().get("0, -1").toFloatArray();
        }
    }

    @Test
    void a_model_is_found_under_its_name_in_transformer_lens() throws IOException {
        try (HookedTransformer standIn = standIn();
                HookedTransformer demo = Lens.load("demo")) {
            Tokens prompt = demo.tokens(PROMPT);
            assertThat(standIn.loss(standIn.tokens(PROMPT))).isEqualTo(demo.loss(prompt));
        }
    }

    @Test
    void a_model_that_is_not_there_ends_the_test_as_not_run() {
        CachedModels none = CachedModels.in(home);
        assertThatThrownBy(() -> none.open("pythia-70m"))
                .isInstanceOf(TestAbortedException.class)
                .hasMessageStartingWith("not run: pythia-70m is not in the local cache.");
    }

    @Test
    void the_last_rank_by_layer_is_that_of_the_models_own_logits_less_their_bias() throws IOException {
        try (HookedTransformer model = standIn()) {
            Tokens prompt = model.tokens(PROMPT);
            long answer = model.answer(" John").id();
            List<Integer> ranks = Figures.ranksByLayer(model, prompt, answer);
            float[] logits = lastLogits(model, prompt);
            NDArray bias = model.parameter("unembed.b_U");
            float[] offset = bias.toFloatArray();
            float own = logits[(int) answer] - offset[(int) answer];
            long better = IntStream.range(0, logits.length)
                    .filter(i -> logits[i] - offset[i] > own)
                    .count();
            assertThat(ranks).hasSize(model.config().nLayers() + 1);
            assertThat(ranks.get(ranks.size() - 1)).isEqualTo((int) better).isNotEqualTo(ranks.get(0));
        }
    }

    @Test
    void the_attention_and_the_embeddings_stand_in_the_order_of_the_examples() throws IOException {
        try (HookedTransformer model = standIn()) {
            Grid parts = Figures.attributionOfAttention(model, model.tokens(PROMPT), " Mary");
            assertThat(parts.axis("component").labels().subList(0, 3))
                    .containsExactly("embed", "pos_embed", "0_attn_out");
            int[] sizes = parts.axes().stream().mapToInt(Axis::size).toArray();
            int largest = Figures.largest(parts);
            float most = parts.at(largest / sizes[2] / sizes[1], largest / sizes[2] % sizes[1], largest % sizes[2]);
            for (float each : parts.values()) {
                assertThat(each).isLessThanOrEqualTo(most);
            }
        }
    }

    @Test
    void heads_are_ranked_by_their_number() {
        Grid grid = new Grid("heads", "score", List.of(Axis.counted("layer", 2), Axis.counted("head", 3)), new float[] {
            1, 5, -2, 0, 9, 3
        });
        assertThat(Figures.rankedHeads(grid)).containsExactly("1.1", "0.1", "1.2", "0.0", "1.0", "0.2");
    }

    @Test
    void the_farthest_number_may_be_below_zero_and_tokens_are_named_by_what_favours_them() throws IOException {
        Grid grid = new Grid("n", "logit", List.of(Axis.counted("neuron", 3)), new float[] {2, -3, 1});
        assertThat(Figures.farthest(grid)).isEqualTo(1);
        try (HookedTransformer model = standIn()) {
            float[] bias = model.parameter("unembed.b_U").toFloatArray();
            List<String> favoured = Figures.largestTokens(model, "unembed.b_U", 2);
            float[] most = new float[2];
            for (int i = 0; i < 2; i++) {
                most[i] = bias[(int) model.tokenizer().single(favoured.get(i))];
            }
            Arrays.sort(bias);
            assertThat(most).containsExactly(bias[bias.length - 1], bias[bias.length - 2]);
        }
    }

    @Test
    void a_right_name_is_ahead_by_its_logit_less_the_wrong_ones() throws IOException {
        try (HookedTransformer model = standIn()) {
            PromptPairs pairs = IndirectObjects.standard().pairs(model, 5, 1);
            List<Float> clean = Figures.leads(model, pairs, false);
            List<Float> both = Figures.leads(model, pairs, true);
            for (int i = 0; i < 5; i++) {
                PromptPair pair = pairs.pairs().get(i);
                float[] logits = lastLogits(model, pair.cleanTokens());
                float lead = logits[(int) pair.answers().get(0).id()]
                        - logits[(int) pair.wrong().get(0).id()];
                assertThat(clean.get(i)).isEqualTo(lead).isEqualTo(both.get(2 * i));
            }
            assertThat(Figures.shareAhead(both))
                    .as("the embedded model knows it")
                    .isGreaterThan(0.9);
            assertThat(Figures.shareAhead(List.of(1f, -1f, 0f, 2f))).isEqualTo(0.5);
            assertThat(Figures.mean(List.of(1f, 2f))).isEqualTo(1.5);
        }
    }

    @Test
    void each_of_the_eight_prompts_names_its_giver_twice_and_has_a_partner_with_the_other() {
        List<String> texts = EightPrompts.texts();
        for (int i = 0; i < 8; i++) {
            int partner = i + 1 - 2 * (i % 2);
            assertThat(texts.get(i).split(EightPrompts.giver(i), -1)).hasSize(3);
            assertThat(texts.get(i).split(EightPrompts.given(i), -1)).hasSize(2);
            assertThat(EightPrompts.given(i)).isEqualTo(EightPrompts.giver(partner));
        }
        assertThat(texts.get(0)).isEqualTo("When John and Mary went to the shops, John gave the bag to");
    }
}
