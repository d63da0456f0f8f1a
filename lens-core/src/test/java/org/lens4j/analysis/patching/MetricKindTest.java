package org.lens4j.analysis.patching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lens4j.Lens;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedTransformer;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MetricKindTest {
    private final HookedTransformer model = Lens.load("demo");
    private final PatchPairs pairs = PatchPairs.of(
            model,
            "When Mary and John went to the store, John gave a drink to",
            "When Mary and John went to the store, Mary gave a drink to");

    @AfterAll
    void close() {
        model.close();
    }

    private PatchResult patched(PatchMetric metric) {
        return ActivationPatch.of(model, pairs, metric).run(PatchSite.headOut());
    }

    @ParameterizedTest
    @EnumSource
    void answers_as_text_are_answers_by_their_ids(MetricKind kind) {
        long mary = model.tokenizer().single(" Mary");
        long john = model.tokenizer().single(" John");
        PatchMetric byId =
                switch (kind) {
                    case LOGIT_DIFF -> PatchMetric.logitDifference(mary, john);
                    case RECOVERED -> PatchMetric.recovered(PatchMetric.logitDifference(mary, john));
                    case LOGIT -> PatchMetric.logit(mary);
                    case PROB -> PatchMetric.probability(mary);
                    case LOG_PROB -> PatchMetric.logProb(mary);
                    case KL -> PatchMetric.klToClean();
                    case LOSS -> PatchMetric.loss();
                };
        PatchMetric byText = kind.of(model, Optional.of(" Mary"), Optional.of("id:" + john));
        assertThat(patched(byText).grid().values())
                .isEqualTo(patched(byId).grid().values());
        assertThat(MetricKind.named(kind.word())).isEqualTo(kind);
    }

    @Test
    void what_is_missing_or_means_nothing_is_said() {
        assertThatThrownBy(() -> MetricKind.named("logits"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("There are logit_diff, recovered, logit, prob, log_prob, kl, loss.");
        assertThatThrownBy(() -> MetricKind.RECOVERED.of(model, Optional.empty(), Optional.empty()))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "The metric recovered needs an answer and a wrong one, one token each, mostly with a space in front: \" Mary\" \" John\".");
        assertThatThrownBy(() -> MetricKind.LOGIT_DIFF.of(model, Optional.of(" Mary"), Optional.empty()))
                .hasMessageContaining("needs a wrong answer too");
        assertThatThrownBy(() -> MetricKind.PROB.of(model, Optional.empty(), Optional.empty()))
                .hasMessageContaining("needs an answer, one token each");
        assertThatThrownBy(() -> MetricKind.PROB.of(model, Optional.of(" Mary and"), Optional.empty()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("2 tokens");
    }

    @Test
    void a_share_says_what_it_is_a_share_of_and_titles_name_the_answers() {
        PatchResult share = patched(MetricKind.RECOVERED.of(model, Optional.of(" Mary"), Optional.of(" John")));
        assertThat(share.notes())
                .containsExactly("Without patches: clean 1.0000, corrupted 0.0000. "
                        + "The logit difference itself: clean 6.1513, corrupted -8.0522.");
        assertThat(share.grid().title()).isEqualTo("recovered logit difference of ·Mary − ·John, patching head_out");
        assertThat(patched(PatchMetric.probability(5)).grid().title()).isEqualTo("probability, patching head_out");
    }

    @Test
    void a_result_says_what_it_is_beside() {
        PatchMetric metric = PatchMetric.logitDifference(model.answer(" Mary"), model.answer(" John"));
        assertThat(patched(metric).notes()).containsExactly("Without patches: clean 6.1513, corrupted -8.0522.");
        PatchResult ablated = Ablation.zero(model, pairs.clean(), metric).run(PatchSite.headOut());
        assertThat(ablated.notes()).containsExactly("The whole model: 6.1513.");
        assertThat(ablated.isAblation()).isTrue();
        assertThat(ablated.shown().title()).isEqualTo("Change of logit difference of ·Mary − ·John, without head_out");
        assertThat(ablated.shown().at(0, 0))
                .isEqualTo(ablated.grid().at(0, 0) - ablated.scores().get(0).cleanMean());
    }

    @Test
    void a_stopped_estimate_keeps_the_layers_it_has() {
        int[] told = {0};
        PatchListener afterOne = new PatchListener() {
            @Override
            public void at(PatchProgress progress) {
                told[0] = progress.done();
            }

            @Override
            public boolean stops() {
                return told[0] > 0;
            }
        };
        AttributionPatch whole = AttributionPatch.of(
                        model, pairs, MetricKind.LOGIT.of(model, Optional.of(" Mary"), Optional.empty()))
                .withSteps(2);
        PatchResult all = whole.run(PatchSite.headOut());
        PatchResult some = whole.withListener(afterOne).run(PatchSite.headOut());
        assertThat(all.isComplete()).isTrue();
        assertThat(some.isComplete()).isFalse();
        assertThat(some.progress()).isEqualTo(new PatchProgress(2, 6));
        assertThat(some.notes()).contains("Stopped after 2 of 6 patches; the rest is empty.");
        for (int head = 0; head < 2; head++) {
            assertThat(some.grid().at(0, head)).isEqualTo(all.grid().at(0, head));
            assertThat(some.grid().at(1, head)).isNaN();
        }
    }

    @Test
    void several_estimates_are_those_of_each_metric_alone_and_are_stopped_together() {
        PatchMetric[] metrics = {
            MetricKind.LOGIT.of(model, Optional.of(" Mary"), Optional.empty()),
            MetricKind.KL.of(model, Optional.empty(), Optional.empty())
        };
        AttributionPatch both = AttributionPatch.of(model, pairs, metrics);
        PatchResult together = both.run(PatchSite.headOut());
        for (PatchMetric metric : metrics) {
            PatchResult alone = AttributionPatch.of(model, pairs, metric).run(PatchSite.headOut());
            assertThat(together.grid(metric.name()).values())
                    .isEqualTo(alone.grid().values());
        }
        assertThat(together.isComplete()).isTrue();
        int[] told = {0};
        PatchListener afterTheFirst = new PatchListener() {
            @Override
            public void at(PatchProgress progress) {
                told[0] = progress.done();
            }

            @Override
            public boolean stops() {
                return told[0] == 6;
            }
        };
        PatchResult part = both.withListener(afterTheFirst).run(PatchSite.headOut());
        assertThat(part.progress()).isEqualTo(new PatchProgress(6, 12));
        assertThat(part.grid().values()).isEqualTo(together.grid().values());
        assertThat(part.grid("KL to clean").values()).containsOnly(Float.NaN);
        assertThatThrownBy(() -> AttributionPatch.of(model, pairs)).hasMessageContaining("Give at least one.");
    }
}
