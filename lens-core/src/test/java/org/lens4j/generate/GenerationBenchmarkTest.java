package org.lens4j.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.lens4j.Lens;
import org.lens4j.config.Activation;
import org.lens4j.config.Attention;
import org.lens4j.config.Mlp;
import org.lens4j.config.ModelConfig;
import org.lens4j.config.Norms;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.config.Sizes;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.text.Tokens;

/** How long writing takes, on GPT-2 small's shape: {@code mvn test -Dtest=GenerationBenchmarkTest -DexcludedGroups=}. */
@Tag("bench")
class GenerationBenchmarkTest {
    private static final int NEW = 32;
    private static final int REPETITIONS = 5;

    @Test
    void remembering_is_faster_than_reading_again() {
        ModelConfig config = ModelConfig.of(
                "GPT2LMHeadModel",
                new Sizes(12, 768, 50257, 1024),
                new PositionEmbedding.Learned(),
                Norms.layerNorm(1e-5f),
                Attention.of(12, 12, 64),
                new Mlp.Plain(3072, Activation.GELU_TANH));
        try (HookedTransformer model = Lens.newModel(config, 1)) {
            double remembering = seconds(model, 1, GenerateOptions.of(NEW));
            double drawing = seconds(
                    model,
                    1,
                    GenerateOptions.of(NEW).withSampler(Sampler.temperature(1).withTopK(50)));
            double reading = seconds(model, 1, GenerateOptions.of(NEW).withoutCache());
            double eight = seconds(model, 8, GenerateOptions.of(NEW));
            double forward = median(() -> {
                try (Run run = model.run(tokens(1, 1))) {
                    assertThat(run.logits().getShape().get(1)).isOne();
                }
            });
            System.out.printf(
                    Locale.ROOT,
                    "32 tokens from 16: %.2f s; drawn from 50: %.2f s; without cache: %.2f s; 8 prompts: %.2f s; forward [1,1]: %.1f ms%n",
                    remembering,
                    drawing,
                    reading,
                    eight,
                    1e3 * forward);
            assertThat(remembering).isLessThan(reading);
            assertThat(eight).isLessThan(8 * remembering);
        }
    }

    private static Tokens tokens(int batch, int pos) {
        return Tokens.of(IntStream.range(0, batch)
                .mapToObj(row -> IntStream.range(0, pos)
                        .mapToLong(i -> (row * 7919L + i * 104729L) % 50257)
                        .toArray())
                .toArray(long[][]::new));
    }

    private static double seconds(HookedTransformer model, int batch, GenerateOptions options) {
        return median(() -> {
            Generation written = Generation.of(model, tokens(batch, 16), options.withoutEnd(), GenerateListener.none());
            assertThat(written.rows().get(0).ids()).hasSize(NEW);
        });
    }

    private static double median(Runnable work) {
        double[] seconds = new double[REPETITIONS];
        for (int i = 0; i < REPETITIONS; i++) {
            long start = System.nanoTime();
            work.run();
            seconds[i] = (System.nanoTime() - start) / 1e9;
        }
        Arrays.sort(seconds);
        return seconds[REPETITIONS / 2];
    }
}
