package org.lens4j.analysis.patching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.CachedModels;
import org.lens4j.analysis.EightPrompts;
import org.lens4j.analysis.Grid;
import org.lens4j.hook.Hooks;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.text.Tokens;

/**
 * What TransformerLens's Exploratory_Analysis_Demo (2.18) shows of GPT-2 small on its eight prompts. Run where the model is in
 * the local cache, and reported as not run otherwise.
 */
@Tag("weights")
class KnownPatchingTest {
    private static final float TOLERANCE = 2e-3f;
    private static final int LAST = 14;

    private static HookedTransformer gpt2() {
        return CachedModels.ofTheUser().open("gpt2-small");
    }

    private static PatchMetric difference(EightPrompts eight) {
        return PatchMetric.logitDifference(eight.right(), eight.wrong());
    }

    private static PatchResult patched(HookedTransformer model, EightPrompts eight, PatchSite site) {
        return ActivationPatch.of(
                        model,
                        PatchPairs.of(eight.clean(), eight.corrupted()),
                        PatchMetric.recovered(difference(eight)),
                        difference(eight))
                .run(site);
    }

    /** The pictures "Logit Difference From Patched …": the places with most in them; 10 is the second mention of the giver. */
    @ParameterizedTest
    @CsvSource({
        "resid_pre, 0, 10, 1.0",
        "resid_pre, 4, 10, 0.9949",
        "resid_pre, 8, 10, 0.6565",
        "resid_pre, 8, 14, 0.3187",
        "resid_pre, 9, 14, 0.9384",
        "resid_pre, 11, 14, 0.9914",
        "attn_out, 3, 10, 0.1546",
        "attn_out, 5, 10, 0.3521",
        "attn_out, 7, 14, 0.2976",
        "attn_out, 8, 14, 0.5697",
        "attn_out, 11, 14, -0.4062",
        "mlp_out, 0, 10, 0.8508",
        "mlp_out, 5, 10, 0.0965",
        "head_out, 3, 0, 0.1163",
        "head_out, 5, 5, 0.3435",
        "head_out, 6, 9, 0.1303",
        "head_out, 7, 3, 0.1242",
        "head_out, 7, 9, 0.1922",
        "head_out, 8, 6, 0.3186",
        "head_out, 8, 10, 0.2779",
        "head_out, 9, 9, 0.2636",
        "head_out, 10, 7, -0.4799",
        "head_out, 11, 10, -0.2782",
        "head_v, 7, 3, 0.1332",
        "head_v, 7, 9, 0.2084",
        "head_v, 8, 6, 0.3172",
        "head_v, 8, 10, 0.2727",
        "head_pattern, 3, 0, 0.1146",
        "head_pattern, 5, 5, 0.3435",
        "head_pattern, 6, 9, 0.1304",
        "head_pattern, 9, 9, 0.2766",
        "head_pattern, 10, 7, -0.5051",
        "head_pattern, 11, 10, -0.3205"
    })
    void a_patch_recovers_what_the_notebook_shows(String site, int layer, int place, float figure) {
        try (HookedTransformer model = gpt2()) {
            PatchResult found =
                    patched(model, EightPrompts.of(model), PatchSite.named(site).inLayers(layer));
            assertThat(found.grid().at(0, place)).isCloseTo(figure, within(TOLERANCE));
            PatchScores differences = found.scores("logit difference");
            assertThat(differences.cleanMean()).isCloseTo(3.552f, within(TOLERANCE));
            assertThat(differences.corruptedMean()).isCloseTo(-3.552f, within(TOLERANCE));
        }
    }

    /** Head 9 of layer 9 at the last position: what is lost is less than what it adds by itself, as others take its place. */
    @Test
    void without_the_best_name_mover_others_take_its_place() {
        try (HookedTransformer model = gpt2()) {
            EightPrompts eight = EightPrompts.of(model);
            Grid without = Ablation.zero(model, eight.clean(), difference(eight))
                    .run(PatchSite.headOutByPos().inLayers(9))
                    .grid();
            assertThat(without.at(0, LAST, 9)).isCloseTo(2.92f, within(6e-3f));
        }
    }

    @Test
    void without_it_the_last_norm_divides_by_less() {
        try (HookedTransformer model = gpt2()) {
            Tokens prompts = EightPrompts.of(model).clean();
            Hooks without = Hooks.none().edit("blocks.9.attn.hook_z", (z, at) -> {
                NDArray copy = z.duplicate();
                copy.set(new ai.djl.ndarray.index.NDIndex(":, -1, 9, :"), 0);
                return copy;
            });
            float[] whole = lastScales(model, prompts, Hooks.none());
            float[] ablated = lastScales(model, prompts, without);
            assertThat(whole)
                    .containsExactly(
                            new float[] {19.57f, 18.35f, 18.29f, 18.68f, 17.49f, 18.87f, 16.42f, 18.68f},
                            within(0.01f));
            assertThat(ablated)
                    .containsExactly(
                            new float[] {18.52f, 17.47f, 17.82f, 17.51f, 17.26f, 18.25f, 16.18f, 17.43f},
                            within(0.01f));
            double ratio = 0;
            for (int i = 0; i < whole.length; i++) {
                ratio += whole[i] / ablated[i] / whole.length;
            }
            assertThat(ratio).isCloseTo(1.042, within(1e-3));
        }
    }

    private static float[] lastScales(HookedTransformer model, Tokens prompts, Hooks hooks) {
        RunOptions options = RunOptions.defaults().withHooks(hooks).withCached("ln_final.hook_scale");
        try (Run run = model.run(prompts, options)) {
            return run.cache().get("ln_final.hook_scale").get(":, -1").toFloatArray();
        }
    }
}
