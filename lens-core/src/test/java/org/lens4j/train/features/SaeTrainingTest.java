package org.lens4j.train.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.analysis.Grid;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.error.StateException;
import org.lens4j.error.UsageException;
import org.lens4j.harvest.HarvestRows;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Autograd;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.Tokens;
import org.lens4j.train.ToldTraining;
import org.lens4j.train.TrainConfig;
import org.lens4j.train.english.SyntheticEnglish;

class SaeTrainingTest {
    private static final int FEATURES = 256;
    private static final TrainConfig CONFIG = TrainConfig.of(500, 8, 32, 3e-3);

    @TempDir
    static Path folder;

    private static Pretrained demo;
    private static HarvestRows rows;
    private static Tokens tokens;

    @BeforeAll
    static void harvest() throws IOException {
        demo = DemoHarvest.demo();
        rows = DemoHarvest.rows(DemoHarvest.into(folder, demo, 800), DemoHarvest.MIDDLE);
        tokens = demo.hooked()
                .tokens(
                        PaddingSide.RIGHT,
                        SyntheticEnglish.standard()
                                .training(99)
                                .filter(text -> demo.hooked().tokens(text).pos() <= 64)
                                .limit(30)
                                .toArray(String[]::new));
    }

    @AfterAll
    static void close() {
        demo.hooked().close();
    }

    private static SparseAutoencoder train(Sparsity sparsity, TrainConfig config) {
        return new SaeTraining(rows, FEATURES, sparsity, config).run(progress -> {});
    }

    private static Stream<Sparsity> all() {
        return Stream.of(new Sparsity.L1(0.1), new Sparsity.TopK(12), new Sparsity.JumpRelu(0.05, 0.1, 0.1));
    }

    @ParameterizedTest
    @MethodSource("all")
    void few_features_hold_most_of_the_rows_and_of_the_loss(Sparsity sparsity) {
        SparseAutoencoder sae = train(sparsity, CONFIG);
        SaeQuality quality = SaeQuality.of(sae, rows);
        Grid losses = SaeQuality.losses((HookedTransformer) demo.hooked(), sae, tokens);
        System.out.println(
                sparsity + " " + java.util.Arrays.toString(quality.scores().values()) + " "
                        + java.util.Arrays.toString(losses.values()) + " " + SaeQuality.lossRecovered(losses));
        assertThat(quality.explainedVariance()).isGreaterThan(0.7f);
        assertThat(quality.l0()).isBetween(1f, 40f);
        assertThat(quality.dead()).isLessThan(FEATURES / 2);
        assertThat(SaeQuality.lossRecovered(losses)).isBetween(0.7f, 1.05f);
        for (int feature = 0; feature < FEATURES; feature++) {
            double squares = 0;
            for (float each : sae.decoder(feature)) {
                squares += each * each;
            }
            assertThat(squares).isCloseTo(1, within(1e-4));
        }
    }

    @Test
    void a_seed_says_everything() {
        TrainConfig brief = CONFIG.withSteps(15);
        Sparsity top = new Sparsity.TopK(4);
        float[] once = train(top, brief).decoder(3);
        assertThat(train(top, brief).decoder(3)).isEqualTo(once);
        assertThat(train(top, brief.withSeed(2)).decoder(3)).isNotEqualTo(once);
    }

    /** What is near a threshold pulls it down by its height over the bandwidth, and nothing else moves it. */
    @Test
    void a_threshold_gets_the_gradient_of_a_smeared_jump() {
        try (Scope scope = Scope.root()) {
            NDArray log = scope.floats(new float[] {0, 0}, new Shape(2));
            Autograd.track(log);
            NDArray pre = scope.floats(new float[] {1.1f, 3, 0.95f, 0.5f}, new Shape(2, 2));
            NDArray width = scope.scalar(0.4f);
            NDArray loss = Autograd.recording(true, () -> Kernels.call("jump_relu_trained", pre, log, width)
                    .sum());
            assertThat(loss.getFloat()).isEqualTo(4.1f);
            Autograd.backward(loss);
            assertThat(Autograd.gradient(log).orElseThrow().toFloatArray())
                    .containsExactly(new float[] {-5, 0}, within(0f));
            Autograd.forget(log);
            NDArray count = Autograd.recording(true, () -> Kernels.call("jump_count", pre, log, width));
            assertThat(count.getFloat()).isEqualTo(1);
            Autograd.backward(count);
            assertThat(Autograd.gradient(log).orElseThrow().toFloatArray())
                    .containsExactly(new float[] {-2.5f, 0}, within(0f));
        }
    }

    @Test
    void examples_are_the_rows_where_a_feature_is_strongest() {
        SparseAutoencoder sae = train(new Sparsity.TopK(8), CONFIG.withSteps(60));
        float[] firing = SaeQuality.of(sae, rows).firing().values();
        int feature = 0;
        for (int i = 0; i < firing.length; i++) {
            feature = firing[i] > firing[feature] ? i : feature;
        }
        FeatureExamples examples = FeatureExamples.of(sae, rows, 5, 7, feature);
        int wanted = feature;
        float[] greatest = {0};
        rows.inOrder(batch -> {
            float[] acts = sae.encode(batch.values());
            for (int row = 0; row < batch.count(); row++) {
                greatest[0] = Math.max(greatest[0], acts[row * FEATURES + wanted]);
            }
        });
        List<FeatureExamples.Example> found = examples.of().get(1);
        assertThat(examples.activations().at(1, 0)).isCloseTo(greatest[0], within(1e-4f));
        assertThat(found).hasSize(5);
        for (int i = 1; i < found.size(); i++) {
            assertThat(found.get(i).activation())
                    .isLessThanOrEqualTo(found.get(i - 1).activation());
        }
        assertThat(found)
                .allSatisfy(it -> assertThat(it.tokens().get(it.tokens().size() - 1))
                        .isEqualTo(it.origin().token()));
        assertThatThrownBy(() -> FeatureExamples.of(sae, rows, 5, FEATURES)).isInstanceOf(RangeException.class);
        assertThatThrownBy(() -> FeatureExamples.of(sae, rows, 0, 1))
                .isInstanceOf(RangeException.class)
                .hasMessageStartingWith("0 examples of 1 features are nothing.");
    }

    @Test
    void training_says_that_it_begins_and_ends_however_it_ends() {
        ToldTraining stopped = new ToldTraining(1);
        new SaeTraining(rows, FEATURES, new Sparsity.TopK(12), CONFIG).run(stopped);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(stopped.events()).containsExactly("began", "step 1", "ended");
        ToldTraining failed = new ToldTraining(0);
        HarvestRows one = rows.where(it -> it.number() == 0);
        assertThatThrownBy(() -> new SaeTraining(one, 4, new Sparsity.L1(1), CONFIG).run(failed))
                .isInstanceOf(UsageException.class);
        assertThat(failed.events()).containsExactly("began", "ended");
    }

    @Test
    void settings_that_cannot_be_are_explained() {
        assertThatThrownBy(() -> new Sparsity.TopK(0)).hasMessage("k of 0.0 is none. It must be 1 or more.");
        assertThatThrownBy(() -> new Sparsity.JumpRelu(0.1, 0, 1))
                .hasMessageStartingWith("A bandwidth of 0.0 is none.");
        assertThatThrownBy(() -> new SaeTraining(rows, 4, new Sparsity.TopK(5), CONFIG))
                .isInstanceOf(UsageException.class)
                .hasMessageEndingWith("Use more features, or a smaller k.");
        HarvestRows one = rows.where(it -> it.number() == 0);
        assertThatThrownBy(() -> new SaeTraining(one, 4, new Sparsity.L1(1), CONFIG).run(progress -> {}))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("All 1 rows of blocks.1.hook_resid_post are the same");
        TrainConfig wild = new TrainConfig(30, 2, 8, 1e38, 0, 1, 0.9, 0.98, 0, 1, 1);
        assertThatThrownBy(() -> train(new Sparsity.L1(0.1), wild))
                .isInstanceOf(StateException.class)
                .hasMessageEndingWith("is likely too high: lower it.");
        SparseAutoencoder narrow = new SparseAutoencoder(
                "blocks.1.hook_resid_post",
                new SparseAutoencoder.Activation.Relu(),
                true,
                new SparseAutoencoder.Weights(new float[6], new float[3], new float[6], new float[2], new float[0]));
        assertThatThrownBy(() -> SaeQuality.of(narrow, rows))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("reads rows of 2 numbers, and those of blocks.1.hook_resid_post have 64");
    }
}
