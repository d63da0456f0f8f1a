package org.lens4j.kernel.display;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lens4j.Lens;
import org.lens4j.analysis.circuits.NeuronExamples;
import org.lens4j.analysis.circuits.SingularDirections;
import org.lens4j.analysis.circuits.WeightPlace;
import org.lens4j.analysis.patching.Ablation;
import org.lens4j.analysis.patching.ActivationPatch;
import org.lens4j.analysis.patching.PatchMetric;
import org.lens4j.analysis.patching.PatchPairs;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.patching.PatchSite;
import org.lens4j.analysis.prompts.IndirectObjects;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.analysis.residual.Answers;
import org.lens4j.analysis.residual.LogitAttribution;
import org.lens4j.analysis.residual.ResidualStack;
import org.lens4j.analysis.residual.ResidualStream;
import org.lens4j.analysis.residual.StackOptions;
import org.lens4j.model.HookedTransformer;

class AnalysisDisplaysTest {
    private final Displays displays = LensDisplays.standard();

    private static HookedTransformer model;
    private static PromptPairs drawn;

    @BeforeAll
    static void load() {
        model = Lens.load("demo");
        drawn = IndirectObjects.standard()
                .withTemplates("When {A} and {B} went to the {P}, {S} gave a {O} to")
                .pairs(model, 3, 1);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    @Test
    void an_attribution_is_its_grid_and_says_its_total() {
        LogitAttribution found =
                LogitAttribution.of(model, drawn.clean(), Answers.of(drawn), LogitAttribution.By.LAYER);
        MimeBundle layers = displays.of(found);
        assertThat(layers.plain())
                .contains("1_mlp_out", "%.3f in all (the mean of 3 prompts).".formatted(found.total()));
        assertThat(layers.data()).containsKeys(MimeBundle.PNG, MimeBundle.HTML);
        assertThat(layers.data().get(MimeBundle.HTML)).contains("in all (the mean of 3 prompts).");
    }

    @Test
    void a_sweep_is_its_grid_and_says_what_happens_without_a_patch() {
        PatchMetric difference = PatchMetric.logitDifference(drawn);
        PatchResult sweep = ActivationPatch.of(
                        model, PatchPairs.of(drawn), PatchMetric.recovered(difference), difference)
                .run(PatchSite.headOut());
        assertThat(displays.of(sweep).plain())
                .contains("rows: layer, columns: head")
                .contains("Mean over 3 prompts. Without patches: clean 1.0000, corrupted ")
                .contains("More metrics: logit difference. Show one by scores(name).");
        assertThat(displays.of(sweep.scores("logit difference")).plain())
                .contains("logit difference, patching head_out");
        assertThat(displays.of(sweep.interval(0.95)).plain())
                .containsSubsequence("L0H0", "L2H1", "low", "mean", "high");
        PatchResult without = Ablation.zero(model, drawn.clean(), difference).run(PatchSite.headOut());
        assertThat(displays.of(without).plain()).contains("The whole model: ").doesNotContain("corrupted");
    }

    @Test
    void a_stack_is_the_lengths_of_its_components() {
        try (ResidualStream stream = ResidualStream.of(model, model.tokens("Mary gave a drink to"));
                ResidualStack parts = stream.decomposed(StackOptions.defaults())) {
            assertThat(displays.of(parts).plain())
                    .contains("Length of each component", "rows: component, columns: pos");
        }
    }

    @Test
    void the_texts_of_a_neuron_and_the_directions_of_a_weight_are_pictures() {
        var neurons = NeuronExamples.ofTexts(
                model, List.of("Mary gave a drink to John"), List.of(new NeuronExamples.Neuron(1, 3)), 2, 4);
        assertThat(displays.of(neurons.get(0)).data()).containsKeys(MimeBundle.PNG, MimeBundle.HTML);
        assertThat(displays.of(neurons.get(0)).plain()).startsWith("Neuron L1N3, most active of ");
        var directions = SingularDirections.of(model, new WeightPlace.Ov(1, 0), 2, 3);
        assertThat(displays.of(directions).data()).containsKeys(MimeBundle.PNG, MimeBundle.HTML);
        assertThat(displays.of(directions).plain()).contains(directions.tokens(0), directions.tokens(1));
    }
}
