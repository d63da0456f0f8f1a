package org.lens4j.analysis.patching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.lens4j.Fixtures;
import org.lens4j.analysis.Grid;
import org.lens4j.cache.ActivationCache;
import org.lens4j.hook.Hooks;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.text.Tokens;

/** What goes along a path, beside runs whose hooks are written by hand. */
class PathPatchTest {
    private static final PatchMetric METRIC = PatchMetric.logitDifference(5, 7);
    private static final HookedTransformer MODEL = Fixtures.raw(Fixtures.committed("gpt2"));
    private static final Tokens CLEAN = Tokens.of(new long[] {7, 3, 9, 1, 5}, new long[] {4, 3, 2, 6, 8});
    private static final Tokens CORRUPTED = Tokens.of(new long[] {7, 8, 9, 2, 5}, new long[] {4, 9, 2, 1, 8});
    private static final PathPatch PATHS = PathPatch.of(MODEL, PatchPairs.of(CLEAN, CORRUPTED), METRIC);
    private static final int LAST = MODEL.config().nLayers() - 1;
    private static final int READER = 1;
    private static final RunOptions PLAIN =
            RunOptions.defaults().withAttnResult().withSplitQkvInput();

    @AfterAll
    static void close() {
        MODEL.close();
    }

    private static String point(String name, int layer) {
        return "blocks.%d.%s".formatted(layer, name);
    }

    private static float[] activation(Tokens tokens, String point) {
        try (ActivationCache cache = MODEL.cache(tokens, PLAIN.withCached(point))) {
            return cache.get(point).toFloatArray();
        }
    }

    private static NDArray like(NDArray x, float[] numbers) {
        return x.getManager().create(numbers, x.getShape());
    }

    /** What a head of the first layer writes in one run less what it writes in another, {@code [batch pos d_model]}. */
    private static float[] difference(int head, Tokens one, Tokens other) {
        float[] of = activation(one, point("attn.hook_result", 0));
        float[] less = activation(other, point("attn.hook_result", 0));
        int heads = MODEL.config().nHeads();
        int width = MODEL.config().dModel();
        float[] difference = new float[of.length / heads];
        for (int i = 0; i < difference.length; i++) {
            int from = (i / width * heads + head) * width + i % width;
            difference[i] = of[from] - less[from];
        }
        return difference;
    }

    private static float[] sum(float[] one, float[] other) {
        float[] sum = one.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other[i];
        }
        return sum;
    }

    /** The mean metric of a run in which one head's queries of the last layer read something else. */
    private static float reading(Tokens tokens, float[] instead) {
        int width = MODEL.config().dModel();
        int heads = MODEL.config().nHeads();
        Hooks hooks = Hooks.none().edit(point("hook_q_input", LAST), (x, at) -> {
            float[] all = x.toFloatArray();
            for (int i = 0; i < instead.length; i++) {
                all[(i / width * heads + READER) * width + i % width] = instead[i];
            }
            return like(x, all);
        });
        try (Run run = MODEL.run(tokens, PLAIN.withHooks(hooks))) {
            float sum = 0;
            int end = tokens.pos() - 1;
            for (int prompt = 0; prompt < tokens.batch(); prompt++) {
                sum += run.logits().getFloat(prompt, end, 5) - run.logits().getFloat(prompt, end, 7);
            }
            return sum / tokens.batch();
        }
    }

    /** What the last block reads where one head wrote something more, all attention is frozen and MLPs are not. */
    private static float[] frozen(Tokens tokens, float[] more) {
        Hooks hooks = Hooks.none();
        for (int layer = 0; layer < LAST; layer++) {
            float[] usual = activation(tokens, point("hook_attn_out", layer));
            float[] written = layer == 0 ? sum(usual, more) : usual;
            hooks = hooks.edit(point("hook_attn_out", layer), (x, at) -> like(x, written));
        }
        String read = point("hook_resid_pre", LAST);
        try (ActivationCache cache = MODEL.cache(tokens, PLAIN.withCached(read).withHooks(hooks))) {
            return cache.get(read).toFloatArray();
        }
    }

    private static void assertEffects(Grid found, Tokens tokens, Tokens sender, boolean throughMlps) {
        float[] usual = activation(tokens, point("hook_resid_pre", LAST));
        float untouched = reading(tokens, usual);
        for (int head = 0; head < MODEL.config().nHeads(); head++) {
            float[] more = difference(head, sender, tokens);
            float[] arriving = throughMlps ? frozen(tokens, more) : sum(usual, more);
            float expected = reading(tokens, arriving);
            assertThat(found.at(0, head)).as("head " + head).isCloseTo(expected, within(1e-5f));
            assertThat(expected).as("head " + head + " does something").isNotCloseTo(untouched, within(5e-5f));
        }
    }

    @Test
    void a_direct_path_to_queries_brings_what_the_head_writes_and_nothing_else() {
        Grid found = PATHS.heads(Receiver.q(LAST, READER)).grid();
        assertEffects(found, CLEAN, CORRUPTED, false);
    }

    @Test
    void with_mlps_between_they_are_computed_and_attention_is_as_it_was() {
        Grid found = PATHS.withMlpsBetween().heads(Receiver.q(LAST, READER)).grid();
        assertEffects(found, CLEAN, CORRUPTED, true);
    }

    @Test
    void the_other_way_a_clean_head_writes_into_the_corrupted_run() {
        Grid found = PATHS.withDenoising().heads(Receiver.q(LAST, READER)).grid();
        assertEffects(found, CORRUPTED, CLEAN, false);
        Grid through = PATHS.withDenoising()
                .withMlpsBetween()
                .heads(Receiver.q(LAST, READER))
                .grid();
        assertEffects(through, CORRUPTED, CLEAN, true);
    }

    @Test
    void a_head_that_is_not_before_the_receiver_changes_nothing() {
        PatchResult found = PATHS.heads(Receiver.q(LAST, READER));
        for (int head = 0; head < MODEL.config().nHeads(); head++) {
            assertThat(found.grid().at(LAST, head))
                    .isCloseTo(found.scores().get(0).cleanMean(), within(1e-5f));
        }
    }
}
