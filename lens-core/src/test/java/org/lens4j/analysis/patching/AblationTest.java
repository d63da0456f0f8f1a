package org.lens4j.analysis.patching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.lens4j.Fixtures;
import org.lens4j.analysis.Grid;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.UsageException;
import org.lens4j.hook.HookPoint;
import org.lens4j.hook.Hooks;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.Tokens;

/** What a run loses without a head, a neuron or a position, beside runs whose hooks are written by hand. */
class AblationTest {
    private static final PatchMetric METRIC = PatchMetric.logitDifference(5, 7);
    private static final HookedTransformer MODEL = Fixtures.raw(Fixtures.committed("gpt2"));
    private static final Tokens PROMPTS = Tokens.of(new long[] {7, 3, 9, 1, 5}, new long[] {4, 3, 2, 6, 8});
    private static final Tokens DATASET =
            Tokens.of(new long[] {11, 30, 2, 9, 44}, new long[] {50, 51, 52, 53, 54}, new long[] {7, 60, 61, 3, 62});
    private static final int LAYER = 1;
    private static final String POST = "blocks.1.mlp.hook_post";
    private static final String Z = "blocks.1.attn.hook_z";
    private static final String ATTN_OUT = "blocks.1.hook_attn_out";
    /** Batches change the order of float32 sums, nothing else. */
    private static final float ROUNDING = 1e-5f;

    @AfterAll
    static void close() {
        MODEL.close();
    }

    /** The metric of each prompt of a run with functions of the test's own. */
    private static float[] byHand(Tokens prompts, Hooks hooks) {
        try (Run run = MODEL.run(prompts, RunOptions.defaults().withHooks(hooks))) {
            float[] differences = new float[prompts.batch()];
            for (int prompt = 0; prompt < differences.length; prompt++) {
                int last = PatchPairs.last(prompts, prompt);
                differences[prompt] =
                        run.logits().getFloat(prompt, last, 5) - run.logits().getFloat(prompt, last, 7);
            }
            return differences;
        }
    }

    private static Hooks writing(String point, String index, float number) {
        return Hooks.none().change(point, (x, at) -> x.set(new NDIndex(index), number));
    }

    /** The numbers of an activation, row-major. */
    private static float[] activation(Tokens tokens, String point) {
        try (ActivationCache cache = MODEL.cache(tokens, point)) {
            return cache.get(point).toFloatArray();
        }
    }

    /** All prompts' numbers of one ablation, by where it stands in the site's grid. */
    private static float[] swept(PatchResult result, int flat) {
        PatchScores scores = result.scores().get(0);
        float[] all = scores.perPrompt().values();
        float[] own = new float[scores.clean().size()];
        for (int prompt = 0; prompt < own.length; prompt++) {
            own[prompt] = all[prompt * scores.size() + flat];
        }
        return own;
    }

    private static PatchSite only(PatchSite site) {
        return site.inLayers(LAYER);
    }

    @Test
    void a_neuron_of_zero_is_a_run_whose_hook_zeroes_it() {
        PatchResult found = Ablation.zero(MODEL, PROMPTS, METRIC).run(only(PatchSite.neurons()));
        assertThat(found.grid().shape()).isEqualTo("[layer=1 neuron=128]");
        Set<Float> different = new TreeSet<>();
        for (int neuron = 0; neuron < 128; neuron++) {
            assertThat(swept(found, neuron))
                    .as("neuron " + neuron)
                    .containsExactly(byHand(PROMPTS, writing(POST, ":, :, " + neuron, 0)), within(ROUNDING));
            different.add(found.grid().at(0, neuron));
        }
        assertThat(different).hasSizeGreaterThan(100);
    }

    @Test
    void a_neuron_of_a_mean_is_a_run_with_its_mean_over_the_dataset() {
        PatchResult found = Ablation.mean(MODEL, PROMPTS, DATASET, METRIC).run(only(PatchSite.neurons()));
        float[] posts = activation(DATASET, POST);
        for (int neuron : new int[] {0, 5, 77, 127}) {
            int own = neuron;
            float mean = (float) IntStream.range(0, posts.length / 128)
                    .mapToDouble(row -> posts[row * 128 + own])
                    .average()
                    .orElseThrow();
            assertThat(swept(found, neuron))
                    .containsExactly(byHand(PROMPTS, writing(POST, ":, :, " + neuron, mean)), within(ROUNDING));
        }
    }

    @Test
    void padding_of_a_dataset_has_no_part_in_its_mean() {
        Tokens padded = Tokens.padded(PaddingSide.LEFT, 0, new long[] {11, 30, 2, 9, 44}, new long[] {50, 51});
        for (PatchSite site : List.of(PatchSite.neurons(), PatchSite.headOut())) {
            PatchResult found = Ablation.mean(MODEL, PROMPTS, padded, METRIC).run(only(site));
            Tokens first = Tokens.of(new long[] {11, 30, 2, 9, 44});
            String point = site.point() == HookPoint.Z ? Z : POST;
            float[] whole = activation(first, point);
            float[] shorter = activation(Tokens.of(new long[] {50, 51}), point);
            int width = whole.length / 5;
            float[] mean = new float[width];
            for (int i = 0; i < 7 * width; i++) {
                mean[i % width] += (i < 5 * width ? whole[i] : shorter[i - 5 * width]) / 7;
            }
            Hooks hooks = Hooks.none().change(point, (x, at) -> {
                for (int i = 0; i < (point.equals(Z) ? 8 : 1); i++) {
                    x.set(
                            new NDIndex(point.equals(Z) ? ":, :, 2, " + i : ":, :, 2"),
                            mean[point.equals(Z) ? 16 + i : 2]);
                }
            });
            assertThat(swept(found, 2)).as(site.name()).containsExactly(byHand(PROMPTS, hooks), within(ROUNDING));
        }
    }

    @Test
    void all_neurons_of_zero_leave_the_bias_of_their_layer() {
        PatchSite whole = PatchSite.slices("all neurons", HookPoint.MLP_POST, PatchAxis.LAYER);
        PatchResult found = Ablation.zero(MODEL, PROMPTS, METRIC).run(only(whole));
        NDArray bias = MODEL.parameter("blocks.1.mlp.b_out");
        Hooks nothing = Hooks.none()
                .edit("blocks.1.hook_mlp_out", (x, at) -> x.zerosLike().add(bias));
        assertThat(swept(found, 0)).containsExactly(byHand(PROMPTS, nothing), within(ROUNDING));
    }

    @Test
    void a_head_a_position_and_both_of_zero_are_runs_whose_hooks_zero_them() {
        PatchResult heads = Ablation.zero(MODEL, PROMPTS, METRIC).run(only(PatchSite.headOut()));
        PatchResult both = Ablation.zero(MODEL, PROMPTS, METRIC).run(only(PatchSite.headOutByPos()));
        PatchResult positions = Ablation.zero(MODEL, PROMPTS, METRIC).run(only(PatchSite.attnOut()));
        assertThat(both.grid().shape()).isEqualTo("[layer=1 pos=5 head=4]");
        for (int head = 0; head < 4; head++) {
            assertThat(swept(heads, head))
                    .containsExactly(byHand(PROMPTS, writing(Z, ":, :, " + head, 0)), within(ROUNDING));
            for (int pos = 0; pos < 5; pos++) {
                assertThat(swept(both, 4 * pos + head))
                        .containsExactly(
                                byHand(PROMPTS, writing(Z, ":, %d, %d".formatted(pos, head), 0)), within(ROUNDING));
            }
        }
        for (int pos = 0; pos < 5; pos++) {
            assertThat(swept(positions, pos))
                    .containsExactly(byHand(PROMPTS, writing(ATTN_OUT, ":, " + pos, 0)), within(ROUNDING));
        }
    }

    @Test
    void a_position_of_a_mean_holds_the_mean_over_all_positions_of_the_dataset() {
        PatchResult found = Ablation.mean(MODEL, PROMPTS, DATASET, METRIC).run(only(PatchSite.attnOut()));
        float[] outs = activation(DATASET, ATTN_OUT);
        float[] mean = new float[32];
        for (int i = 0; i < outs.length; i++) {
            mean[i % 32] += outs[i] / (outs.length / 32f);
        }
        for (int pos = 0; pos < 5; pos++) {
            int own = pos;
            Hooks hooks = Hooks.none().change(ATTN_OUT, (x, at) -> {
                for (int i = 0; i < 32; i++) {
                    x.set(new NDIndex(":, %d, %d".formatted(own, i)), mean[i]);
                }
            });
            assertThat(swept(found, pos)).containsExactly(byHand(PROMPTS, hooks), within(ROUNDING));
        }
    }

    @Test
    void a_resample_is_what_one_prompt_of_the_dataset_has_at_every_place() {
        Tokens one = PROMPTS.sequences(0);
        float[][] byDrawn = new float[DATASET.batch()][];
        for (int drawn = 0; drawn < byDrawn.length; drawn++) {
            float[] posts = activation(DATASET.sequences(drawn), POST);
            byDrawn[drawn] = new float[128];
            for (int neuron = 0; neuron < 128; neuron++) {
                int own = neuron;
                Hooks hooks = Hooks.none().change(POST, (x, at) -> {
                    for (int pos = 0; pos < 5; pos++) {
                        x.set(new NDIndex(":, %d, %d".formatted(pos, own)), posts[pos * 128 + own]);
                    }
                });
                byDrawn[drawn][neuron] = byHand(one, hooks)[0];
            }
        }
        Set<Integer> seen = new TreeSet<>();
        for (long seed = 0; seed < 12; seed++) {
            float[] found = Ablation.resample(MODEL, one, DATASET, seed, METRIC)
                    .run(only(PatchSite.neurons()))
                    .grid()
                    .values();
            List<Integer> fits = IntStream.range(0, byDrawn.length)
                    .filter(drawn -> farthest(byDrawn[drawn], found) < ROUNDING)
                    .boxed()
                    .toList();
            assertThat(fits).as("seed " + seed).hasSize(1);
            seen.addAll(fits);
        }
        assertThat(seen).as("prompts drawn by 12 seeds").containsExactly(0, 1, 2);
    }

    private static float farthest(float[] a, float[] b) {
        float most = 0;
        for (int i = 0; i < a.length; i++) {
            most = Math.max(most, Math.abs(a[i] - b[i]));
        }
        return most;
    }

    @Test
    void resampled_positions_are_those_of_the_prompt_that_is_drawn_for_each_row() {
        Tokens single = DATASET.sequences(1);
        PatchResult found = Ablation.resample(MODEL, PROMPTS, single, 3, METRIC).run(only(PatchSite.residPre()));
        float[] residual = activation(single, "blocks.1.hook_resid_pre");
        for (int pos = 0; pos < 5; pos++) {
            int own = pos;
            Hooks hooks = Hooks.none().change("blocks.1.hook_resid_pre", (x, at) -> {
                for (int i = 0; i < 32; i++) {
                    x.set(new NDIndex(":, %d, %d".formatted(own, i)), residual[own * 32 + i]);
                }
            });
            assertThat(swept(found, pos)).containsExactly(byHand(PROMPTS, hooks), within(ROUNDING));
        }
    }

    @Test
    void a_resample_of_a_prompt_by_itself_changes_nothing() {
        Tokens one = PROMPTS.sequences(0);
        for (PatchSite site : List.of(PatchSite.residPre(), PatchSite.headOut(), PatchSite.neurons())) {
            PatchScores self = Ablation.resample(MODEL, one, one, 7, METRIC)
                    .run(site)
                    .scores()
                    .get(0);
            float[] same = new float[self.mean().values().length];
            Arrays.fill(same, self.cleanMean());
            assertThat(self.mean().values()).as(site.name()).containsExactly(same, within(ROUNDING));
        }
    }

    @Test
    void a_change_is_how_far_it_takes_the_metric_from_the_whole_model() {
        PatchResult zero =
                Ablation.zero(MODEL, PROMPTS, METRIC, PatchMetric.loss()).run(PatchSite.headOut());
        assertThat(zero.scores().get(1).cleanMean())
                .isCloseTo((MODEL.loss(PROMPTS.sequences(0)) + MODEL.loss(PROMPTS.sequences(1))) / 2, within(ROUNDING));
        Grid change = Ablation.change(zero.scores().get(0));
        assertThat(change.at(0, 1))
                .isEqualTo(zero.grid().at(0, 1) - zero.scores().get(0).cleanMean());
        assertThat(change.title()).startsWith("Change of ");
    }

    @Test
    void mistakes_are_explained() {
        assertThatThrownBy(() -> Ablation.mean(MODEL, PROMPTS, DATASET, METRIC).run(PatchSite.headPattern()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("a mean over tokens needs [batch pos ..]");
        Tokens shorter = Tokens.of(new long[] {3});
        assertThatThrownBy(() ->
                        Ablation.resample(MODEL, PROMPTS, shorter, 1, METRIC).run(PatchSite.headOut()))
                .hasMessageContaining("Prompts of 1 tokens cannot stand in for prompts of 5");
    }
}
