package org.lens4j.analysis.prompts;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.CachedModels;
import org.lens4j.analysis.logits.MaskedTokens;
import org.lens4j.analysis.logits.Prediction;
import org.lens4j.generate.GenerateOptions;
import org.lens4j.generate.Generation;
import org.lens4j.generate.Sampler;
import org.lens4j.hook.Hooks;
import org.lens4j.load.LoadOptions;
import org.lens4j.model.HookedEncoder;
import org.lens4j.model.HookedEncoderDecoder;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.text.Tokens;

/** Answers of real models that TransformerLens's documents print. Run where the model is in the local cache. */
@Tag("weights")
class KnownAnswersTest {
    private static HookedTransformer cached(String name) {
        return CachedModels.ofTheUser().open(name);
    }

    private static void assertTop(TestedPrompt tested, int rank, String token, double logit, double percent) {
        Prediction found = tested.next().top().get(rank);
        assertThat(found.token()).isEqualTo(token);
        assertThat((double) found.logit()).isCloseTo(logit, Offset.offset(0.01));
        assertThat(100.0 * found.probability()).isCloseTo(percent, Offset.offset(0.05));
    }

    @Test
    void gpt2_gives_the_milk_to_mary() {
        try (HookedTransformer model = cached("gpt2")) {
            TestedPrompt tested = TestedPrompt.of(
                    model,
                    "After John and Mary went to the store, John gave a bottle of milk to",
                    List.of(" Mary"),
                    10);
            assertThat(tested.answers().get(0).tokens().get(0).rank()).isZero();
            assertTop(tested, 0, " Mary", 18.09, 70.07);
            assertTop(tested, 1, " the", 15.38, 4.67);
            assertTop(tested, 2, " John", 15.35, 4.54);
            assertTop(tested, 3, " them", 15.25, 4.11);
            assertTop(tested, 4, " his", 14.84, 2.73);
        }
    }

    @Test
    void tiny_stories_crosses_the_ground() {
        try (HookedTransformer model = cached("tiny-stories-1M")) {
            TestedPrompt tested = TestedPrompt.of(model, "Why did the elephant cross the", List.of(" road"), 10);
            assertThat(tested.answers().get(0).tokens().get(0).rank()).isEqualTo(2);
            assertTop(tested, 0, " ground", 14.51, 4.59);
            assertThat(tested.next().top().get(1).token()).isEqualTo(" tree");
            assertThat((double) tested.next().top().get(1).logit()).isCloseTo(14.41, Offset.offset(0.01));
            assertTop(tested, 2, " road", 14.24, 3.51);
        }
    }

    /** TransformerLens's T5 notebook: every token, the end among them. */
    @Test
    void t5_says_hello_in_french() {
        CachedModels cached = CachedModels.ofTheUser();
        try (HookedEncoderDecoder model = cached.open("t5-small", LoadOptions.defaults(), HookedEncoderDecoder.class)) {
            Generation said = Generation.of(
                    model,
                    "translate English to French: Hello, how are you? ",
                    GenerateOptions.of(20).withSampler(Sampler.greedy()));
            assertThat(said.rows().get(0).ids()).containsExactly(21845L, 6L, 1670L, 3L, 6738L, 18L, 3249L, 3L, 58L, 1L);
            assertThat(said.text()).isEqualTo("Bonjour, comment êtes-vous?");
        }
    }

    private static HookedEncoder bert() {
        return CachedModels.ofTheUser().open("bert-base-cased", LoadOptions.defaults(), HookedEncoder.class);
    }

    /** TransformerLens's BERT notebook. */
    @ParameterizedTest
    @CsvSource({
        "The [MASK] is bright today., sun",
        "She [MASK] to the store., returned",
        "The dog [MASK] the ball., has"
    })
    void bert_fills_in_the_published_word(String text, String word) {
        try (HookedEncoder model = bert()) {
            MaskedTokens filled = MaskedTokens.of(model, model.tokens(text), 1);
            assertThat(filled.places().get(0).top().get(0).token()).isEqualTo(word);
        }
    }

    /** The same notebook. Its weights are rewritten: the mean over the vocabulary is taken from the logits. */
    @Test
    void bert_is_surer_of_the_sun_without_a_head_of_layer_0() {
        try (HookedEncoder model = bert()) {
            Hooks without = Hooks.none().edit("blocks.0.attn.hook_z", (z, at) -> {
                NDArray copy = z.duplicate();
                copy.set(new NDIndex("..., 5, :"), 0);
                return copy;
            });
            assertThat(sun(model, Hooks.none())).isCloseTo(14.524f, Offset.offset(2e-3f));
            assertThat(sun(model, without)).isCloseTo(15.029f, Offset.offset(2e-3f));
        }
    }

    private static float sun(HookedEncoder model, Hooks hooks) {
        Tokens prompt = model.tokens("The [MASK] is bright today.");
        try (Run run = model.run(prompt, RunOptions.defaults().withHooks(hooks))) {
            NDArray logits = run.logits().get("0, " + prompt.position(0, MaskedTokens.MASK));
            return logits.sub(logits.mean()).getFloat(model.tokenizer().single("sun"));
        }
    }
}
