package org.lens4j.train.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.lens4j.Lens;
import org.lens4j.error.HookFailedException;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Metric;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;
import org.lens4j.train.features.SparseAutoencoder.Activation;
import org.lens4j.train.features.SparseAutoencoder.Weights;

class SplicedModelTest {
    private static final String HOOK = "blocks.1.hook_resid_post";
    private static final String ACTS = SaePoint.ACTS_POST.in(HOOK);
    private static final String Z = "blocks.2.attn.hook_z";
    private static final int FEATURES = 40;
    /** Adding and taking away a reconstruction rounds float32 twice. */
    private static final float ROUNDING = 1e-5f;

    private static final HookedTransformer MODEL = Lens.load("demo");
    private static final Tokens TOKENS = MODEL.tokens("When Mary and John went to the store, John gave a drink to");

    @AfterAll
    static void close() {
        MODEL.close();
    }

    private static SparseAutoencoder sae(String hook) {
        Random random = new Random(hook.length());
        return new SparseAutoencoder(
                hook,
                new Activation.Relu(),
                true,
                new Weights(
                        some(random, 64 * FEATURES),
                        some(random, FEATURES),
                        some(random, 64 * FEATURES),
                        some(random, 64),
                        new float[0]));
    }

    private static float[] some(Random random, int count) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian() / 8;
        }
        return numbers;
    }

    private static float[] plain() {
        try (Run run = MODEL.run(TOKENS)) {
            return run.logits().toFloatArray();
        }
    }

    /** Times a number on one feature, otherwise as it was. */
    private static NDArray scaled(NDArray acts, int feature, float factor) {
        try (Scope scope = Scope.root()) {
            float[] mask = new float[FEATURES];
            java.util.Arrays.fill(mask, 1);
            mask[feature] = factor;
            return acts.mul(scope.floats(mask, new ai.djl.ndarray.types.Shape(FEATURES)));
        }
    }

    @Test
    void with_the_error_term_nothing_changes() {
        try (SplicedModel spliced = SplicedModel.of(
                        MODEL,
                        Splice.of(sae(HOOK)).withErrorTerm(),
                        Splice.of(sae(Z)).withErrorTerm());
                SplicedRun run = spliced.run(TOKENS)) {
            assertThat(run.logits().toFloatArray()).containsExactly(plain(), within(ROUNDING * 10));
            assertThat(spliced.names()).hasSize(12).contains(HOOK + ".hook_sae_error", Z + ".hook_sae_acts_pre");
        }
    }

    @Test
    void without_it_the_model_goes_on_with_the_reconstruction() {
        SparseAutoencoder sae = sae(HOOK);
        try (SplicedModel spliced = SplicedModel.of(MODEL, Splice.of(sae));
                SplicedRun run = spliced.run(
                        TOKENS,
                        SpliceOptions.defaults().with(RunOptions.defaults().withCached(HOOK)));
                Run clean = MODEL.runWithCache(TOKENS, HOOK)) {
            float[] read = clean.cache().get(HOOK).toFloatArray();
            float[] acts = sae.encode(read);
            assertThat(run.get(SaePoint.INPUT.in(HOOK)).toFloatArray()).isEqualTo(read);
            assertThat(run.get(ACTS).toFloatArray()).containsExactly(acts, within(ROUNDING));
            assertThat(run.run().cache().get(HOOK).toFloatArray()).containsExactly(sae.decode(acts), within(1e-4f));
            assertThat(run.logits().toFloatArray()).isNotEqualTo(plain());
            assertThat(spliced.names()).hasSize(5).doesNotContain(HOOK + ".hook_sae_error");
        }
    }

    @Test
    void an_edited_feature_moves_the_output_along_its_direction() {
        SparseAutoencoder sae = sae(HOOK);
        SpliceOptions off = SpliceOptions.defaults().edit(ACTS, acts -> scaled(acts, 5, 0));
        try (SplicedModel spliced = SplicedModel.of(MODEL, Splice.of(sae).withErrorTerm());
                SplicedRun clean = spliced.run(TOKENS);
                SplicedRun run = spliced.run(TOKENS, off)) {
            float[] before = clean.get(SaePoint.OUTPUT.in(HOOK)).toFloatArray();
            float[] after = run.get(SaePoint.OUTPUT.in(HOOK)).toFloatArray();
            float[] acts = clean.get(ACTS).toFloatArray();
            float[] direction = sae.decoder(5);
            for (int i = 0; i < before.length; i++) {
                float expected = before[i] - acts[i / 64 * FEATURES + 5] * direction[i % 64];
                assertThat(after[i]).isCloseTo(expected, within(1e-4f));
            }
        }
    }

    @Test
    void gradients_by_features_say_how_the_metric_moves() {
        int pos = TOKENS.pos() - 1;
        Metric metric = Metric.logit(5);
        try (SplicedModel spliced = SplicedModel.of(MODEL, Splice.of(sae(HOOK)).withErrorTerm());
                SplicedRun run = spliced.run(TOKENS, SpliceOptions.defaults().withMetric(metric))) {
            int feature = 0;
            float[] acts = run.get(ACTS).toFloatArray();
            for (int i = 0; i < FEATURES; i++) {
                feature = acts[pos * FEATURES + i] > acts[pos * FEATURES + feature] ? i : feature;
            }
            double predicted = 0;
            float[] gradient = run.gradient(ACTS).toFloatArray();
            for (int at = 0; at <= pos; at++) {
                predicted += gradient[at * FEATURES + feature] * acts[at * FEATURES + feature];
            }
            assertThat(run.attribution(HOOK).slice("feature", feature).values()[pos])
                    .isEqualTo(gradient[pos * FEATURES + feature] * acts[pos * FEATURES + feature]);
            int chosen = feature;
            double measured = (metric(spliced, metric, chosen, 1.01f) - metric(spliced, metric, chosen, 0.99f)) / 0.02;
            assertThat(predicted).isNotZero();
            assertThat(measured).isCloseTo(predicted, within(0.05 * Math.abs(predicted) + 0.005));
            assertThat(run.gradient(SaePoint.ERROR.in(HOOK)).toFloatArray())
                    .isEqualTo(run.gradient(SaePoint.RECONS.in(HOOK)).toFloatArray());
        }
    }

    private static double metric(SplicedModel spliced, Metric metric, int feature, float factor) {
        SpliceOptions options = SpliceOptions.defaults().edit(ACTS, acts -> scaled(acts, feature, factor));
        try (SplicedRun run = spliced.run(TOKENS, options);
                Scope scope = Scope.root()) {
            return metric.value(run.logits(), TOKENS, scope).getFloat();
        }
    }

    @Test
    void the_strongest_features_are_the_greatest_activations() {
        try (SplicedModel spliced = SplicedModel.of(MODEL, Splice.of(sae(HOOK)));
                SplicedRun run = spliced.run(TOKENS)) {
            SplicedRun.TopFeatures top = run.topFeatures(HOOK, 3);
            float[] acts = run.get(ACTS).toFloatArray();
            for (int pos = 0; pos < TOKENS.pos(); pos++) {
                float greatest = 0;
                for (int feature = 0; feature < FEATURES; feature++) {
                    greatest = Math.max(greatest, acts[pos * FEATURES + feature]);
                }
                assertThat(top.activations().at(pos, 0)).isEqualTo(greatest);
                assertThat(acts[pos * FEATURES + (int) top.features().at(pos, 0)])
                        .isEqualTo(greatest);
            }
            assertThatThrownBy(() -> run.topFeatures(HOOK, 41)).hasMessageEndingWith("has 40. Ask for 1 to 40.");
        }
    }

    @Test
    void what_does_not_fit_is_explained() {
        assertThatThrownBy(() -> SplicedModel.of(MODEL, Splice.of(sae(HOOK)), Splice.of(sae(HOOK))))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("Two autoencoders are to stand at blocks.1.hook_resid_post.");
        assertThatThrownBy(() -> SplicedModel.of(MODEL, Splice.of(sae(HOOK)).at("blocks.1.mlp.hook_post")))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("reads rows of 64 numbers, and blocks.1.mlp.hook_post of demo has 256");
        assertThatThrownBy(() -> SplicedModel.of(MODEL, Splice.of(sae(HOOK)).at("blocks.1.attn.hook_pattern")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("an autoencoder reads a row at each position");
        assertThatThrownBy(() -> SplicedModel.of(MODEL, Splice.of(sae(HOOK)).at("blocks.9.hook_resid_post")))
                .isInstanceOf(UnknownNameException.class);
        try (SplicedModel spliced = SplicedModel.of(MODEL, Splice.of(sae(HOOK)));
                SplicedRun run = spliced.run(TOKENS)) {
            assertThatThrownBy(() -> spliced.run(
                            TOKENS, SpliceOptions.defaults().edit(HOOK + ".hook_sae_error", error -> error)))
                    .isInstanceOf(UnknownNameException.class)
                    .hasMessageEndingWith("The error needs withErrorTerm().");
            assertThatThrownBy(
                            () -> spliced.run(TOKENS, SpliceOptions.defaults().edit(ACTS, acts -> acts.get(0))))
                    .isInstanceOf(HookFailedException.class)
                    .hasMessageContaining("The edit at " + ACTS + " gave back");
            assertThatThrownBy(() -> run.gradient(ACTS))
                    .isInstanceOf(UnknownNameException.class)
                    .hasMessageEndingWith("Ask for gradients: SpliceOptions.withMetric(…).");
        }
    }
}
