package org.lens4j.analysis.patching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lens4j.Fixtures;
import org.lens4j.Lens;
import org.lens4j.analysis.Grid;
import org.lens4j.config.Activation;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norm;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;
import org.lens4j.error.RangeException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookPoint;
import org.lens4j.hook.Hooks;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Metric;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.text.Tokens;

/** Attribution patching, edges and paths: what must hold of them. */
class GradientPatchTest {
    private static final PatchPairs PAIRS = PatchPairs.of(
            Tokens.of(new long[] {7, 3, 9, 1, 5}, new long[] {4, 3, 2, 6, 8}),
            Tokens.of(new long[] {7, 8, 9, 2, 5}, new long[] {4, 9, 2, 1, 8}));
    private static final PatchMetric METRIC = PatchMetric.logitDifference(5, 7);

    /** Without norms the logits are linear in what the last block adds. */
    private static HookedTransformer withoutNorms(Mlp mlp) {
        ModelConfig config = ModelConfig.of(
                "Mine",
                new Sizes(2, 16, 23, 16),
                new PositionEmbedding.Learned(),
                new Norms(Norm.NONE, Norm.NONE, false, false, 1e-5f),
                Attention.of(2, 4, 4),
                mlp);
        return Lens.newModel(config, 3);
    }

    private static void assertClose(Grid expected, Grid actual, double tolerance) {
        float[] wanted = expected.values();
        float[] found = actual.values();
        assertThat(found).hasSameSizeAs(wanted);
        for (int i = 0; i < wanted.length; i++) {
            assertThat((double) found[i]).as(actual + " at " + i).isCloseTo(wanted[i], offset(tolerance));
        }
    }

    @Test
    void attribution_is_exact_where_the_metric_is_linear() {
        try (HookedTransformer model = withoutNorms(new Mlp.None())) {
            List<PatchSite> linear = List.of(
                    PatchSite.slices("post", HookPoint.RESID_POST, PatchAxis.LAYER, PatchAxis.POS)
                            .inLayers(1),
                    PatchSite.attnOut().inLayers(1),
                    PatchSite.headOut().inLayers(1),
                    PatchSite.headOutByPos().inLayers(1),
                    PatchSite.headV().inLayers(1),
                    PatchSite.headPattern().inLayers(1),
                    PatchSite.headPatternByBoth().inLayers(1));
            for (PatchSite site : linear) {
                PatchResult patched = ActivationPatch.of(model, PAIRS, METRIC).run(site);
                PatchResult estimated =
                        AttributionPatch.of(model, PAIRS, METRIC).run(site);
                assertClose(
                        patched.scores().get(0).perPrompt(),
                        estimated.scores().get(0).perPrompt(),
                        1e-6);
            }
            PatchResult shares = ActivationPatch.of(model, PAIRS, PatchMetric.recovered(METRIC))
                    .run(PatchSite.attnOut().inLayers(1));
            assertClose(
                    shares.grid(),
                    AttributionPatch.of(model, PAIRS, PatchMetric.recovered(METRIC))
                            .run(PatchSite.attnOut().inLayers(1))
                            .grid(),
                    1e-4);
        }
    }

    @Test
    void integrated_gradients_add_up_to_patching_the_whole_layer() {
        try (HookedTransformer model = Fixtures.raw(Fixtures.committed("gpt2"))) {
            for (PatchSite site : List.of(PatchSite.residPre(), PatchSite.headOut(), PatchSite.headQByPos())) {
                PatchScores parts = AttributionPatch.of(model, PAIRS, METRIC)
                        .withSteps(40)
                        .run(site)
                        .scores()
                        .get(0);
                PatchSite whole = PatchSite.slices("whole", site.point(), PatchAxis.LAYER);
                PatchScores all = ActivationPatch.of(model, PAIRS, METRIC)
                        .run(whole)
                        .scores()
                        .get(0);
                float[] each = parts.mean().values();
                int layers = all.size();
                for (int layer = 0; layer < layers; layer++) {
                    double sum = 0;
                    for (int i = 0; i < each.length / layers; i++) {
                        sum += each[layer * (each.length / layers) + i] - parts.corruptedMean();
                    }
                    assertThat(sum)
                            .as(site.name() + " " + layer)
                            .isCloseTo(all.mean().at(layer) - all.corruptedMean(), offset(2e-3));
                }
            }
        }
    }

    @Test
    void an_edit_on_the_way_keeps_the_gradients_before_it() {
        try (HookedTransformer model = Fixtures.raw(Fixtures.committed("gpt2"))) {
            RunOptions plain = RunOptions.defaults()
                    .withMetric(Metric.logitDifference(5, 7))
                    .withGradientsOf("blocks.0.hook_resid_pre");
            Hooks same = Hooks.none().edit("blocks.1.hook_resid_pre", (x, at) -> x);
            try (Run run = model.run(PAIRS.clean(), plain);
                    Run edited = model.run(PAIRS.clean(), plain.withHooks(same))) {
                assertThat(edited.cache().get("blocks.0.hook_resid_pre_grad").toFloatArray())
                        .isEqualTo(
                                run.cache().get("blocks.0.hook_resid_pre_grad").toFloatArray());
            }
        }
    }

    @Test
    void circuits_of_all_edges_and_of_none_are_the_two_runs() {
        for (String name : List.of("gpt2", "gpt_neox", "gpt_neo", "llama3")) {
            try (HookedTransformer model = Fixtures.raw(Fixtures.committed(name))) {
                EdgeAttribution edges = EdgeAttribution.of(model, PAIRS, METRIC);
                int count = edges.scores().edges().size();
                Grid kept = edges.faithfulness(0, count);
                assertThat(kept.at(0)).as(name).isCloseTo(0, offset(2e-3f));
                assertThat(kept.at(1)).as(name).isCloseTo(1, offset(2e-3f));
            }
        }
    }

    @Test
    void a_circuit_without_the_edges_of_a_head_is_the_model_with_that_head_corrupted() {
        for (String name : List.of("gpt2", "gpt_neox", "llama3")) {
            try (HookedTransformer model = Fixtures.raw(Fixtures.committed(name))) {
                EdgeAttribution edges = EdgeAttribution.of(model, PAIRS, METRIC);
                List<Edge> all = edges.scores().edges();
                Grid heads = ActivationPatch.of(model, PAIRS, PatchMetric.recovered(METRIC))
                        .withNoising()
                        .run(PatchSite.headOut())
                        .grid();
                for (int head = 0; head < 2; head++) {
                    String writer = "L0H" + head;
                    List<Edge> circuit = all.stream()
                            .filter(it -> !it.writer().equals(writer))
                            .toList();
                    assertThat(circuit).as(name).hasSizeLessThan(all.size());
                    assertThat(edges.faithfulness(circuit))
                            .as(name + " without " + writer)
                            .isCloseTo(heads.at(0, head), offset(2e-3f));
                }
            }
        }
    }

    @Test
    void thresholds_make_the_circuits_of_as_many_edges() {
        try (HookedTransformer model = Fixtures.raw(Fixtures.committed("gpt2"))) {
            EdgeAttribution edges = EdgeAttribution.of(model, PAIRS, METRIC);
            List<Edge> sorted = edges.scores().edges();
            int few = sorted.size() / 3;
            float tenth = Math.abs(sorted.get(9).score());
            float third = Math.abs(sorted.get(few - 1).score());
            Grid swept = edges.faithfulnessAbove(tenth, third, 0);
            assertThat(swept.axis("threshold").labels())
                    .containsExactly(
                            tenth + " (10 edges)",
                            "%s (%d edges)".formatted(third, few),
                            "0.0 (%d edges)".formatted(sorted.size()));
            assertThat(swept.values())
                    .containsExactly(edges.faithfulness(10, few, sorted.size()).values(), offset(1e-4f));
            assertThatThrownBy(() -> edges.faithfulnessAbove(-1)).isInstanceOf(RangeException.class);
        }
    }

    @Test
    void edges_to_the_logits_are_exact_without_norms() {
        try (HookedTransformer model = withoutNorms(new Mlp.Plain(12, Activation.GELU))) {
            EdgeAttribution edges = EdgeAttribution.of(model, PAIRS, METRIC);
            Grid scores = edges.scores().grid();
            int logits = scores.axis("reader").labels().indexOf("logits");
            PatchResult heads = PathPatch.of(model, PAIRS, METRIC).heads(Receiver.logits());
            PatchResult mlps = PathPatch.of(model, PAIRS, METRIC).mlps(Receiver.logits());
            float clean = heads.scores().get(0).cleanMean();
            List<String> writers = scores.axis("writer").labels();
            for (int layer = 0; layer < 2; layer++) {
                assertThat(scores.at(writers.indexOf("MLP" + layer), logits))
                        .isCloseTo(mlps.grid().at(layer) - clean, offset(1e-6f));
                for (int head = 0; head < 4; head++) {
                    assertThat(scores.at(writers.indexOf("L%dH%d".formatted(layer, head)), logits))
                            .isCloseTo(heads.grid().at(layer, head) - clean, offset(1e-6f));
                }
            }
            assertThat(scores.at(writers.indexOf("L1H0"), 0)).isNaN();
            float[] along = edges.withSteps(3).scores().grid().values();
            assertThat(along[along.length - 1]).isCloseTo(scores.values()[along.length - 1], offset(1e-6f));
        }
    }

    /** All that comes of the inputs leaves the embedding by its edges. */
    @Test
    void edges_of_the_embedding_add_up_to_the_whole_way_along_the_inputs() {
        try (HookedTransformer model = Fixtures.raw(Fixtures.committed("gpt2"))) {
            EdgeAttribution edges = EdgeAttribution.of(model, PAIRS, METRIC).withSteps(40);
            Grid scores = edges.scores().grid();
            PatchScores whole = ActivationPatch.of(model, PAIRS, METRIC)
                    .run(PatchSite.residPre())
                    .scores()
                    .get(0);
            double sum = 0;
            for (int reader = 0; reader < scores.axis("reader").size(); reader++) {
                sum += scores.at(0, reader);
            }
            assertThat(scores.axis("writer").labels().get(0)).isEqualTo("embed");
            assertThat(sum).isCloseTo(whole.corruptedMean() - whole.cleanMean(), offset(2e-3));
        }
    }

    @Test
    void a_path_to_all_that_read_is_the_whole_effect_of_a_head() {
        try (HookedTransformer model = Fixtures.raw(Fixtures.committed("gpt_neox"))) {
            int last = model.config().nLayers() - 1;
            List<Receiver> all = new ArrayList<>(List.of(Receiver.logits(), Receiver.mlp(last)));
            for (int head = 0; head < model.config().nHeads(); head++) {
                all.addAll(List.of(Receiver.q(last, head), Receiver.k(last, head), Receiver.v(last, head)));
            }
            Grid paths = PathPatch.of(model, PAIRS, METRIC)
                    .heads(all.toArray(Receiver[]::new))
                    .grid();
            Grid patched = ActivationPatch.of(model, PAIRS, METRIC)
                    .withNoising()
                    .run(PatchSite.headOut().inLayers(last - 1))
                    .grid();
            for (int head = 0; head < model.config().nHeads(); head++) {
                assertThat(paths.at(last - 1, head)).isCloseTo(patched.at(0, head), offset(1e-4f));
            }
        }
    }

    @Test
    void a_path_from_the_last_block_with_its_mlp_computed_is_activation_patching() {
        try (HookedTransformer model = Fixtures.raw(Fixtures.committed("gpt2"))) {
            int last = model.config().nLayers() - 1;
            Grid paths = PathPatch.of(model, PAIRS, METRIC)
                    .withMlpsBetween()
                    .heads(Receiver.logits())
                    .grid();
            Grid patched = ActivationPatch.of(model, PAIRS, METRIC)
                    .withNoising()
                    .run(PatchSite.headOut().inLayers(last))
                    .grid();
            Grid direct = PathPatch.of(model, PAIRS, METRIC)
                    .heads(Receiver.logits(), Receiver.mlp(last))
                    .grid();
            for (int head = 0; head < model.config().nHeads(); head++) {
                assertThat(paths.at(last, head)).isCloseTo(patched.at(0, head), offset(1e-4f));
                assertThat(direct.at(last, head)).isCloseTo(patched.at(0, head), offset(1e-4f));
            }
            PatchResult back =
                    PathPatch.of(model, PAIRS, METRIC).withDenoising().mlps(Receiver.logits());
            Grid ahead = ActivationPatch.of(model, PAIRS, METRIC)
                    .run(PatchSite.mlpOutAllPos().inLayers(last))
                    .grid();
            assertThat(back.grid().at(last)).isCloseTo(ahead.at(0), offset(1e-4f));
        }
    }

    @Test
    void mistakes_are_explained() {
        try (HookedTransformer model = Fixtures.raw(Fixtures.committed("gpt2"));
                HookedTransformer gemma = Fixtures.raw(Fixtures.committed("gemma2"))) {
            assertThatThrownBy(() -> EdgeAttribution.of(gemma, PAIRS, METRIC).scores())
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("single heads add nothing of their own");
            assertThatThrownBy(() -> PathPatch.of(model, PAIRS, METRIC).heads())
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("no receiver was given");
            assertThatThrownBy(() -> PathPatch.of(model, PAIRS, METRIC).heads(Receiver.q(1, 99)))
                    .isInstanceOf(RangeException.class)
                    .hasMessageContaining("head 99");
            EdgeAttribution edges = EdgeAttribution.of(model, PAIRS, METRIC);
            assertThatThrownBy(() -> edges.faithfulness(List.of(new Edge("L0H9", "logits", 1))))
                    .isInstanceOf(UnknownNameException.class)
                    .hasMessageContaining("Unknown writer \"L0H9\"");
            assertThatThrownBy(() -> edges.withSteps(-1)).hasMessageContaining("-1 steps");
            assertThatThrownBy(() -> AttributionPatch.of(model, PAIRS, METRIC).withSteps(-1))
                    .hasMessageContaining("-1 steps");
            PatchSite custom =
                    PatchSite.custom("mine", HookPoint.RESID_PRE, (into, from, index) -> {}, PatchAxis.LAYER);
            assertThatThrownBy(() -> AttributionPatch.of(model, PAIRS, METRIC).run(custom))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("Use PatchSite.slices");
        }
    }
}
