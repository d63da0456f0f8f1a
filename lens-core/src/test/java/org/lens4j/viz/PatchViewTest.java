package org.lens4j.viz;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lens4j.Lens;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.patching.ActivationPatch;
import org.lens4j.analysis.patching.AttributionPatch;
import org.lens4j.analysis.patching.Interval;
import org.lens4j.analysis.patching.PatchListener;
import org.lens4j.analysis.patching.PatchMetric;
import org.lens4j.analysis.patching.PatchPairs;
import org.lens4j.analysis.patching.PatchProgress;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.patching.PatchSite;
import org.lens4j.analysis.prompts.IndirectObjects;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.model.HookedTransformer;

class PatchViewTest {
    private static HookedTransformer model;
    private static PromptPairs drawn;
    private static PatchMetric difference;

    @BeforeAll
    static void load() {
        model = Lens.load("demo");
        drawn = IndirectObjects.standard()
                .withTemplates("When {A} and {B} went to the {P}, {S} gave a {O} to")
                .pairs(model, 3, 1);
        difference = PatchMetric.logitDifference(drawn);
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static PatchPairs labelled() {
        PatchPairs pairs = PatchPairs.of(drawn);
        return new PatchPairs(pairs.clean(), pairs.corrupted(), List.of("a", "b", "c"));
    }

    private static BufferedImage picture(Rendering shown) throws IOException {
        return ImageIO.read(new ByteArrayInputStream(shown.png().orElseThrow()));
    }

    @Test
    void several_prompts_stand_behind_their_mean_and_its_interval() {
        PatchResult result = ActivationPatch.of(model, labelled(), difference).run(PatchSite.headOut());
        Grid full = result.inFull().get(0);
        assertThat(full.axis("prompt").labels()).containsExactly("mean", "low", "high", "a", "b", "c");
        Interval sure = result.interval(0.95);
        assertThat(full.slice("prompt", 0).values()).isEqualTo(sure.mean().values());
        assertThat(full.slice("prompt", 1).values()).isEqualTo(sure.low().values());
        assertThat(full.slice("prompt", 2).values()).isEqualTo(sure.high().values());
        Grid each = result.scores().get(0).perPrompt();
        for (int prompt = 0; prompt < 3; prompt++) {
            assertThat(full.slice("prompt", 3 + prompt).values())
                    .isEqualTo(each.slice("prompt", prompt).values());
        }
        Rendering shown = PatchView.inFull(result);
        assertThat(shown.text())
                .contains("patching head_out, low (logit)", "patching head_out, c (logit)")
                .doesNotContain("prompt mean")
                .contains("Mean over 3 prompts. Without patches: clean ")
                .contains("low and high: between them the mean lies with 95 %");
        assertThat(shown.html().orElseThrow()).contains("Mean over 3 prompts.");
    }

    @Test
    void every_metric_is_shown_with_its_own_note_and_one_below_another() throws IOException {
        ActivationPatch patch = ActivationPatch.of(model, labelled(), difference, PatchMetric.klToClean());
        PatchResult both = patch.run(PatchSite.headOut());
        PatchResult one = ActivationPatch.of(model, labelled(), difference).run(PatchSite.headOut());
        Rendering shown = PatchView.inFull(both);
        assertThat(shown.text())
                .containsSubsequence(
                        "Mean over 3 prompts.",
                        "low and high",
                        "logit difference, patching",
                        "Mean over 3 prompts.",
                        "KL to clean, patching");
        assertThat(shown.text() + shown.html().orElseThrow()).doesNotContain("logit difference: ", "KL to clean: ");
        assertThat(shown.html().orElseThrow()).contains("logit difference, patching", "KL to clean, patching");
        assertThat(shown.alt()).contains("logit difference", "KL to clean");
        int alone = picture(PatchView.inFull(one)).getHeight();
        assertThat(picture(shown).getHeight()).isGreaterThan(3 * alone / 2).isLessThan(3 * alone);
    }

    @Test
    void one_pair_is_a_grid_without_prompts_and_four_axes_are_maps_too() throws IOException {
        PatchPairs pair = PatchPairs.of(
                drawn.pairs().get(0).cleanTokens(), drawn.pairs().get(0).corruptedTokens());
        PatchMetric kl = PatchMetric.klToClean();
        PatchResult one = ActivationPatch.of(model, pair, kl).run(PatchSite.headOut());
        assertThat(one.inFull()).hasSize(1);
        assertThat(one.inFull().get(0).shape()).isEqualTo(one.grid().shape());
        assertThat(one.notesInFull()).hasSize(1).allMatch(it -> it.startsWith("Without patches: clean"));
        PatchResult deep = ActivationPatch.of(model, labelled(), kl).run(PatchSite.headOutByPos());
        assertThat(deep.inFull().get(0).rank()).isEqualTo(4);
        assertThat(PatchView.inFull(deep).text())
                .contains("patching head_out_by_pos, mean L0 (nats)", ", low L2 (nats)", ", c L1 (nats)");
        assertThat(picture(PatchView.inFull(deep)).getWidth()).isGreaterThan(100);
    }

    @Test
    void a_sweep_that_was_stopped_says_so_beside_what_it_has() {
        PatchListener first = new PatchListener() {
            private boolean told;

            @Override
            public void at(PatchProgress progress) {
                told = true;
            }

            @Override
            public boolean stops() {
                return told;
            }
        };
        PatchResult part = ActivationPatch.of(model, labelled(), difference)
                .withRows(6)
                .withListener(first)
                .run(PatchSite.headOut());
        assertThat(part.isComplete()).isFalse();
        String note = "Stopped after 2 of 6 patches; the rest is empty.";
        assertThat(part.notesInFull()).contains(note);
        assertThat(PatchView.inFull(part).text()).contains(note);
        float[] mean = part.inFull().get(0).slice("prompt", 0).values();
        assertThat(mean[0]).isNotNaN();
        assertThat(mean[5]).isNaN();
    }

    @Test
    void estimates_by_several_metrics_are_one_result() {
        PatchMetric prob = PatchMetric.probability(drawn.rightTokens());
        PatchResult both =
                AttributionPatch.of(model, labelled(), difference, prob).run(PatchSite.headOut());
        assertThat(both.inFull().stream().map(Grid::unit)).containsExactly("logit", "probability");
        assertThat(both.isComplete()).isTrue();
    }

    @Test
    void an_estimate_of_a_probability_near_zero_says_that_it_is_too_small() {
        PatchMetric prob = PatchMetric.probability(drawn.rightTokens());
        AttributionPatch estimate = AttributionPatch.of(model, labelled(), prob);
        String note = "near 0 and 1 that gradient is almost 0: these estimates are too small. Take the metric log_prob";
        PatchResult flat = estimate.run(PatchSite.headOut());
        assertThat(PatchView.of(flat).text()).contains("The probability is 0.0", note);
        assertThat(PatchView.inFull(flat).text()).contains(note);
        for (PatchResult other : List.of(
                estimate.withSteps(2).run(PatchSite.headOut()),
                ActivationPatch.of(model, labelled(), prob).run(PatchSite.headOut()),
                AttributionPatch.of(model, labelled(), difference).run(PatchSite.headOut()))) {
            assertThat(other.notes().toString() + other.notesInFull()).doesNotContain("almost 0");
        }
    }
}
