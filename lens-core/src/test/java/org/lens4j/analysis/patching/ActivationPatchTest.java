package org.lens4j.analysis.patching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;
import org.lens4j.Fixtures;
import org.lens4j.RandomModel;
import org.lens4j.analysis.Grid;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookName;
import org.lens4j.hook.HookPoint;
import org.lens4j.hook.Hooks;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Metric;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.Tokens;

/** What must hold of activation patching in any decoder. */
class ActivationPatchTest {
    private static final String SEED = "31";
    private static final int TRIES = 25;

    @Provide
    Arbitrary<RandomModel> models() {
        return RandomModel.any();
    }

    /** Two pairs of prompts, some padded. */
    private static PatchPairs pairs(RandomModel random) {
        Random dice = random.dice();
        int longest = 3 + dice.nextInt(5);
        int shorter = dice.nextInt(3) == 0 ? longest : longest - 1 - dice.nextInt(2);
        PaddingSide side = dice.nextBoolean() ? PaddingSide.LEFT : PaddingSide.RIGHT;
        Tokens clean = Tokens.padded(side, 0, random.ids(longest, dice), random.ids(shorter, dice));
        Tokens corrupted = Tokens.padded(side, 0, random.ids(longest, dice), random.ids(shorter, dice));
        return PatchPairs.of(clean, corrupted);
    }

    private static List<PatchSite> sites(HookedTransformer model) {
        List<PatchSite> sites = new ArrayList<>(PatchSite.all());
        sites.add(PatchSite.slices("result", HookPoint.RESULT, PatchAxis.LAYER, PatchAxis.POS, PatchAxis.HEAD));
        sites.removeIf(
                it -> model.hooks().find(new HookName(it.point(), 0).full()).isEmpty());
        return sites;
    }

    private static ActivationPatch patch(HookedTransformer model, PatchPairs pairs) {
        return ActivationPatch.of(model, pairs, PatchMetric.logitDifference(1, 2), PatchMetric.klToClean());
    }

    private static void assertClose(String what, float[] expected, float[] actual) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i])
                    .as("%s at %d", what, i)
                    .isCloseTo(
                            expected[i],
                            org.assertj.core.data.Offset.offset(RandomModel.TOLERANCE * (1 + Math.abs(expected[i]))));
        }
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void patching_a_run_with_its_own_activations_changes_nothing(@ForAll("models") RandomModel random) {
        PatchPairs pairs = pairs(random);
        PatchPairs same = PatchPairs.of(pairs.clean(), pairs.clean());
        try (HookedTransformer model = random.open()) {
            for (PatchSite site : sites(model)) {
                PatchScores scores = patch(model, same).run(site).scores().get(0);
                float[] all = scores.perPrompt().values();
                for (int i = 0; i < all.length; i++) {
                    float clean = scores.clean().get(i / scores.size());
                    assertClose(site.name() + " of " + random, new float[] {clean}, new float[] {all[i]});
                }
            }
        }
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void every_patch_equals_a_run_of_its_own_with_a_hook(@ForAll("models") RandomModel random) {
        PatchPairs pairs = pairs(random);
        try (HookedTransformer model = random.open()) {
            for (PatchSite site : sites(model)) {
                PatchScores scores = patch(model, pairs).run(site).scores().get(0);
                Random dice = random.dice();
                for (int i = 0; i < 3; i++) {
                    int flat = dice.nextInt(scores.size());
                    int[] index = index(scores.mean(), flat);
                    float[] alone = alone(model, pairs, site, index);
                    for (int prompt = 0; prompt < alone.length; prompt++) {
                        float swept = scores.perPrompt().values()[prompt * scores.size() + flat];
                        assertClose(site.name() + " of " + random, new float[] {alone[prompt]}, new float[] {swept});
                    }
                }
            }
        }
    }

    private static int[] index(Grid grid, int flat) {
        int[] index = new int[grid.rank()];
        int rest = flat;
        for (int i = index.length - 1; i >= 0; i--) {
            index[i] = rest % grid.axes().get(i).size();
            rest /= grid.axes().get(i).size();
        }
        return index;
    }

    /** One whole run of the corrupted prompts with one edit. */
    private static float[] alone(HookedTransformer model, PatchPairs pairs, PatchSite site, int[] index) {
        HookName name = new HookName(site.point(), index[0]);
        RunOptions options = OtherRun.options(site);
        try (ActivationCache cache = model.cache(pairs.clean(), options.withCached(name.full()))) {
            NDArray clean = cache.get(name.full());
            SliceWriter writer = new SliceWriter(site.axes(), model.hooks().axes(name, options.gates()), 0);
            Hooks hooks = Hooks.none().change(name.full(), (x, at) -> writer.write(x, clean, 0, index));
            try (Run run = model.run(pairs.corrupted(), options.withHooks(hooks))) {
                float[] differences = new float[pairs.size()];
                for (int prompt = 0; prompt < differences.length; prompt++) {
                    int last = PatchPairs.last(pairs.corrupted(), prompt);
                    differences[prompt] = run.logits().getFloat(prompt, last, 1)
                            - run.logits().getFloat(prompt, last, 2);
                }
                return differences;
            }
        }
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void the_size_of_batches_has_no_influence(@ForAll("models") RandomModel random) {
        PatchPairs pairs = pairs(random);
        try (HookedTransformer model = random.open()) {
            for (PatchSite site : List.of(PatchSite.residPre(), PatchSite.headOutByPos())) {
                float[] free = patch(model, pairs).run(site).grid().values();
                for (int rows : new int[] {1, 5, 16}) {
                    float[] bound =
                            patch(model, pairs).withRows(rows).run(site).grid().values();
                    assertClose(site.name() + " of " + random, free, bound);
                }
            }
        }
    }

    @Test
    void a_single_position_patched_before_the_first_block_gives_the_clean_metric() {
        try (HookedTransformer model = Fixtures.raw(Fixtures.committed("gpt_neox"))) {
            PatchPairs pair = PatchPairs.of(Tokens.of(new long[] {7}), Tokens.of(new long[] {9}));
            PatchScores scores =
                    patch(model, pair).run(PatchSite.residPre()).scores().get(0);
            assertClose("clean", new float[] {scores.cleanMean()}, new float[] {
                scores.mean().at(0, 0)
            });
        }
    }

    @Test
    void all_positions_patched_before_the_first_block_give_the_clean_metric_and_back() {
        try (HookedTransformer model = Fixtures.raw(Fixtures.committed("gpt_neo"))) {
            PatchPairs pair = PatchPairs.of(Tokens.of(new long[] {7, 3, 9}), Tokens.of(new long[] {2, 8, 5}));
            PatchSite all = PatchSite.slices("all", HookPoint.RESID_PRE, PatchAxis.LAYER);
            PatchResult there = patch(model, pair).run(all);
            PatchResult back = patch(model, pair).withNoising().run(all);
            PatchScores to = there.scores().get(0);
            PatchScores from = back.scores().get(0);
            for (int layer = 0; layer < to.size(); layer++) {
                assertClose("denoised", new float[] {to.cleanMean()}, new float[] {
                    to.mean().at(layer)
                });
                assertClose("noised", new float[] {to.corruptedMean()}, new float[] {
                    from.mean().at(layer)
                });
            }
            assertThat(to.clean()).isEqualTo(from.clean());
            assertThat(there.grid("KL to clean").at(0)).isLessThan(1e-5f);
        }
    }

    @Test
    void a_custom_setter_gets_both_activations_and_the_index() {
        try (HookedTransformer model = Fixtures.raw(Fixtures.committed("gpt2"))) {
            PatchPairs pair = PatchPairs.of(Tokens.of(new long[] {7, 3, 9, 1}), Tokens.of(new long[] {7, 8, 9, 1}));
            PatchSetter setter =
                    (into, from, index) -> new SliceWriter(PatchSite.residPre().axes(), HookPoint.RESID_PRE.axes(), 0)
                            .write(into, from, 0, index);
            PatchSite mine = PatchSite.custom("mine", HookPoint.RESID_PRE, setter, PatchAxis.LAYER, PatchAxis.POS);
            assertClose(
                    "custom",
                    patch(model, pair).run(PatchSite.residPre()).grid().values(),
                    patch(model, pair).run(mine).grid().values());
        }
    }

    @Test
    void metrics_of_one_pass_are_those_of_single_passes() {
        try (HookedTransformer model = Fixtures.raw(Fixtures.committed("gpt2"))) {
            PatchPairs pairs = PatchPairs.of(
                    Tokens.of(new long[] {7, 3, 9, 1}, new long[] {4, 3, 2, 6}),
                    Tokens.of(new long[] {7, 8, 9, 1}, new long[] {4, 9, 2, 6}));
            List<PatchMetric> metrics = List.of(
                    PatchMetric.logitDifference(new long[] {5, 6}, new long[] {7, 8}),
                    PatchMetric.probability(5),
                    PatchMetric.logProb(5),
                    PatchMetric.klToClean(),
                    PatchMetric.recovered(PatchMetric.logit(5)),
                    PatchMetric.of("wrapped", Metric.logit(5)),
                    PatchMetric.loss());
            PatchResult together = ActivationPatch.of(model, pairs, metrics.toArray(PatchMetric[]::new))
                    .run(PatchSite.residPre());
            for (PatchMetric metric : metrics) {
                float[] alone = ActivationPatch.of(model, pairs, metric)
                        .run(PatchSite.residPre())
                        .grid()
                        .values();
                assertClose(metric.name(), alone, together.grid(metric.name()).values());
            }
            PatchScores recovered = together.scores("recovered logit");
            assertThat(recovered.corrupted()).allMatch(it -> Math.abs(it) < 1e-6);
            assertThat(recovered.cleanMean()).isCloseTo(1, org.assertj.core.data.Offset.offset(1e-5f));
            assertClose("loss", new float[] {model.loss(pairs.clean().sequences(1))}, new float[] {
                together.scores("loss").clean().get(1)
            });
            Interval interval = together.scores().get(0).interval(0.9, 200, 1);
            assertThat(interval.low().values())
                    .isEqualTo(
                            together.scores().get(0).interval(0.9, 200, 1).low().values());
            float[] mean = together.grid().values();
            for (int i = 0; i < mean.length; i++) {
                assertThat(mean[i])
                        .isBetween(
                                interval.low().values()[i] - 1e-5f,
                                interval.high().values()[i] + 1e-5f);
            }
        }
    }

    @Test
    void a_stopped_sweep_keeps_what_it_has() {
        try (HookedTransformer model = Fixtures.raw(Fixtures.committed("gpt2"))) {
            PatchPairs pair = PatchPairs.of(Tokens.of(new long[] {7, 3, 9, 1}), Tokens.of(new long[] {7, 8, 9, 1}));
            List<PatchProgress> seen = new ArrayList<>();
            PatchListener after = new PatchListener() {
                @Override
                public void at(PatchProgress progress) {
                    seen.add(progress);
                }

                @Override
                public boolean stops() {
                    return seen.size() == 2;
                }
            };
            PatchResult part =
                    patch(model, pair).withRows(2).withListener(after).run(PatchSite.residPre());
            assertThat(part.isComplete()).isFalse();
            assertThat(part.progress()).isEqualTo(new PatchProgress(4, 12)).hasToString("4 of 12 patches");
            float[] whole = patch(model, pair).run(PatchSite.residPre()).grid().values();
            float[] some = part.grid().values();
            int known = 0;
            for (int i = 0; i < some.length; i++) {
                if (!Float.isNaN(some[i])) {
                    known++;
                    assertClose("part", new float[] {whole[i]}, new float[] {some[i]});
                }
            }
            assertThat(known).isEqualTo(4);
            PatchListener interrupts = progress -> Thread.currentThread().interrupt();
            PatchResult early =
                    patch(model, pair).withRows(2).withListener(interrupts).run(PatchSite.residPre());
            assertThat(Thread.interrupted()).isTrue();
            assertThat(early.progress().done()).isPositive().isLessThan(12);
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> patch(model, pair).run(PatchSite.residPre()))
                    .isInstanceOf(org.lens4j.error.InterruptedRunException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void attached_functions_are_part_of_the_model() {
        try (HookedTransformer model = Fixtures.raw(Fixtures.committed("gpt2"))) {
            PatchPairs pair = PatchPairs.of(Tokens.of(new long[] {7, 3, 9, 1}), Tokens.of(new long[] {7, 8, 9, 1}));
            float[] plain = patch(model, pair).run(PatchSite.residPre()).grid().values();
            try (var attached = model.attach(Hooks.none().edit("ln_final.hook_normalized", (x, at) -> x.zerosLike()))) {
                PatchResult blind = patch(model, pair).run(PatchSite.residPre());
                assertThat(blind.grid("KL to clean").values()).containsOnly(0f);
                assertThat(attached).isNotNull();
            }
            assertThat(patch(model, pair).run(PatchSite.residPre()).grid().values())
                    .isEqualTo(plain);
        }
    }

    @Test
    void mistakes_are_explained() {
        Tokens four = Tokens.of(new long[] {7, 3, 9, 1});
        assertThatThrownBy(() -> PatchPairs.of(four, Tokens.of(new long[] {7, 3})))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("[batch=1 pos=4]")
                .hasMessageContaining("[batch=1 pos=2]");
        assertThatThrownBy(() -> PatchPairs.of(four, four.withAttended(new boolean[] {false, true, true, true})))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("Position 0 of prompt 0 is padding");
        assertThatThrownBy(() -> PatchSite.named("head_outt"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("head_out");
        assertThatThrownBy(() -> PatchSite.slices("x", HookPoint.RESID_PRE, PatchAxis.LAYER, PatchAxis.HEAD))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("Its axes are [batch pos d_model].");
        assertThatThrownBy(() -> PatchSite.slices("x", HookPoint.EMBED, PatchAxis.LAYER))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("hook_embed cannot be patched layer by layer");
        assertThatThrownBy(() -> PatchSite.slices("x", HookPoint.RESID_PRE, PatchAxis.POS))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("layer first");
        try (HookedTransformer model = Fixtures.raw(Fixtures.committed("gpt_neox"))) {
            PatchPairs same = PatchPairs.of(four, four);
            assertThatThrownBy(() -> patch(model, same).run(PatchSite.residMid()))
                    .isInstanceOf(UnknownNameException.class)
                    .hasMessageContaining("blocks.0.hook_resid_mid");
            assertThatThrownBy(() -> patch(model, same).run(PatchSite.residPre().inLayers(9)))
                    .isInstanceOf(RangeException.class)
                    .hasMessageContaining("layer 9");
            assertThatThrownBy(() -> ActivationPatch.of(model, same, PatchMetric.logit(100_000))
                            .run(PatchSite.residPre()))
                    .isInstanceOf(RangeException.class)
                    .hasMessageContaining("token 100000");
            assertThatThrownBy(() -> ActivationPatch.of(model, same, PatchMetric.recovered(PatchMetric.logit(5)))
                            .run(PatchSite.residPre()))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("both are equal");
            PatchResult one = patch(model, same).run(PatchSite.residPre());
            assertThatThrownBy(() -> one.scores().get(0).interval(0.95, 100, 1))
                    .isInstanceOf(RangeException.class)
                    .hasMessageContaining("at least 2 prompts");
            assertThatThrownBy(() -> one.grid("logits"))
                    .isInstanceOf(UnknownNameException.class)
                    .hasMessageContaining("logit difference");
            assertThatThrownBy(() -> ActivationPatch.of(model, same)).isInstanceOf(RangeException.class);
        }
    }
}
