package org.lens4j.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lens4j.Lens;
import org.lens4j.analysis.patching.ActivationPatch;
import org.lens4j.analysis.patching.PatchMetric;
import org.lens4j.analysis.patching.PatchSite;
import org.lens4j.analysis.patching.PromptPairs;
import org.lens4j.config.Activation;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;

/**
 * What sweeps cost on the shape of GPT-2 small, beside one graph without hooks of [1,128] in the same run. Run it alone:
 * {@code -Dtest=PatchBenchTest -DexcludedGroups=}.
 */
@Tag("bench")
class PatchBenchTest {
    private static final int ROUNDS = 5;
    private static final ModelConfig GPT2_SMALL = ModelConfig.of(
            "GPT2LMHeadModel",
            new Sizes(12, 768, 50257, 1024),
            new PositionEmbedding.Learned(),
            Norms.layerNorm(1e-5f),
            Attention.of(12, 12, 64),
            new Mlp.Plain(4 * 768, Activation.GELU_TANH));

    private static double timed(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e6;
    }

    private static double median(Runnable work, int rounds) {
        double[] times = new double[rounds];
        for (int round = -1; round < rounds; round++) {
            double time = timed(work);
            if (round >= 0) {
                times[round] = time;
            }
        }
        Arrays.sort(times);
        return times[rounds / 2];
    }

    @Test
    void a_resid_pre_sweep_takes_at_most_eight_forward_passes_of_128_tokens() {
        Random random = new Random(1);
        Tokens clean = Tokens.of(random.longs(15, 0, 50257).toArray());
        Tokens corrupted = Tokens.of(random.longs(15, 0, 50257).toArray());
        Tokens long128 = Tokens.of(random.longs(128, 0, 50257).toArray());
        try (HookedTransformer model = Lens.newModel(GPT2_SMALL, 1);
                PlainGraph graph = new PlainGraph(model)) {
            ActivationPatch patch =
                    ActivationPatch.of(model, PromptPairs.of(clean, corrupted), PatchMetric.logitDifference(5, 7));
            double one = median(() -> graph.logits(long128), 2 * ROUNDS);
            double resid = median(() -> patch.run(PatchSite.residPre()), ROUNDS);
            double heads = timed(() -> patch.run(PatchSite.headOutByPos()));
            double again = median(() -> graph.logits(long128), 2 * ROUNDS);
            double forward = (one + again) / 2;
            System.out.printf(
                    Locale.ROOT,
                    "one graph [1,128] %.0f ms; resid_pre, 12 layers x 15 positions %.0f ms (%.2f x); heads by position, 2160 patches %.0f ms (%.1f x)%n",
                    forward,
                    resid,
                    resid / forward,
                    heads,
                    heads / forward);
            assertThat(resid).isLessThan(8 * forward);
        }
    }
}
