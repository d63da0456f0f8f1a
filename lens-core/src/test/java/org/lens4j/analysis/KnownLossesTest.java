package org.lens4j.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.CachedModels;
import org.lens4j.analysis.patching.Ablation;
import org.lens4j.analysis.patching.PatchMetric;
import org.lens4j.analysis.patching.PatchScores;
import org.lens4j.analysis.patching.PatchSite;
import org.lens4j.load.LoadOptions;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;

/**
 * Losses TransformerLens's tests and notebooks publish. A test runs when its model is in the local cache, and is reported as not
 * run otherwise.
 */
@Tag("weights")
class KnownLossesTest {
    /** That of TransformerLens's own test. */
    private static final float TOLERANCE = 4e-5f;

    private static final String LANGUAGE =
            "Natural language processing tasks, such as question answering, machine translation, reading comprehension, and summarization, are typically approached with supervised learning on taskspecific datasets.";
    private static final String LOADING = """
            ## Loading Models

            HookedTransformer comes loaded with >40 open source GPT-style models. You can load any of them in with \
            `HookedTransformer.from_pretrained(MODEL_NAME)`. See my explainer for documentation of all supported models, and \
            this table for hyper-parameters and the name used to load them. Each model is loaded into the consistent \
            HookedTransformer architecture, designed to be clean, consistent and interpretability-friendly.\s

            For this demo notebook we'll look at GPT-2 Small, an 80M parameter model. To try the model the model out, let's \
            find the loss on this paragraph!""";

    private static HookedTransformer open(String name, LoadOptions options) {
        return CachedModels.ofTheUser().open(name, options, HookedTransformer.class);
    }

    private static void assertGreeting(HookedTransformer model, float loss) {
        assertThat(model.loss(CachedModels.tokens(model, "Hello world!"))).isCloseTo(loss, within(TOLERANCE));
    }

    /** TransformerLens's tests/acceptance/test_hooked_transformer.py. */
    @ParameterizedTest
    @CsvSource({
        "gpt2-small, 5.331855773925781",
        "pythia-70m, 4.659344673156738",
        "opt-125m, 6.159054279327393",
        "gpt-neo-125M, 4.900552272796631",
        "stanford-gpt2-small-a, 5.652035713195801",
        "bloom-560m, 5.237126350402832",
        "tiny-stories-33M, 12.203617095947266",
        "gelu-2l, 6.501802444458008",
        "solu-1l, 5.256411552429199",
        "solu-4l-old, 5.6021833419799805",
        "solu-6l, 5.7042999267578125",
        "attn-only-3l, 5.747507095336914",
        "attn-only-demo, 5.701841354370117"
    })
    void a_greeting_surprises_a_model_as_much_as_published(String name, float loss) {
        try (HookedTransformer model = open(name, LoadOptions.defaults())) {
            assertGreeting(model, loss);
        }
    }

    /** The same file. */
    @ParameterizedTest
    @CsvSource({"solu-1l, 5.256411552429199", "redwood_attn_2l, 10.530948638916016"})
    void weights_as_they_are_in_the_file_are_surprised_as_much(String name, float loss) {
        try (HookedTransformer model = open(name, LoadOptions.defaults().noProcessing())) {
            assertGreeting(model, loss);
        }
    }

    /** TransformerLens's Main_Demo. */
    @Test
    void the_paragraph_of_the_main_demo_has_its_loss() {
        try (HookedTransformer model = open("gpt2-small", LoadOptions.defaults())) {
            assertThat(model.loss(model.tokens(LOADING))).isCloseTo(4.1758f, within(2e-4f));
        }
    }

    /**
     * Zeros for the values of head 8 in layer 0, of Main_Demo and TransformerLens's test_weight_processing.py, with its
     * tolerance: folding value biases into the output's takes them out of what is zeroed.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void zeroed_values_cost_as_much_as_published(boolean processed) {
        LoadOptions plain = LoadOptions.defaults();
        try (HookedTransformer model = open("gpt2-small", processed ? plain : plain.noProcessing())) {
            Tokens prompt = model.tokens(LANGUAGE);
            assertThat(prompt.pos()).isEqualTo(33);
            PatchScores losses = Ablation.zero(model, prompt, PatchMetric.loss())
                    .run(PatchSite.headV().inLayers(0))
                    .scores("loss");
            assertThat(losses.cleanMean()).isCloseTo(3.999f, within(0.01f));
            assertThat(losses.mean().at(0, 8)).isCloseTo(processed ? 5.453f : 4.117f, within(0.01f));
        }
    }
}
