package org.lens4j.train.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.error.ShapeException;
import org.lens4j.error.StateException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.generate.Steering;
import org.lens4j.harvest.HarvestRows;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.model.RunOptions;
import org.lens4j.text.Tokens;
import org.lens4j.train.TrainConfig;

class ProbeTest {
    private static final TrainConfig CONFIG = TrainConfig.of(400, 8, 32, 2e-2);
    private static final List<String> KINDS = List.of("small", "capital");

    @TempDir
    static Path folder;

    private static Pretrained demo;
    private static HarvestRows middle;

    @BeforeAll
    static void harvest() throws IOException {
        demo = DemoHarvest.demo();
        middle = DemoHarvest.rows(DemoHarvest.into(folder, demo, 1500), DemoHarvest.MIDDLE);
    }

    @AfterAll
    static void close() {
        demo.hooked().close();
    }

    private static String text(long token) {
        return demo.hooked().tokenizer().decode(token).strip();
    }

    private static double isCapital(HarvestRows.Origin row) {
        String text = text(row.token());
        return !text.isEmpty() && text.substring(0, 1).toUpperCase(Locale.ROOT).equals(text.substring(0, 1)) ? 1 : 0;
    }

    @Test
    void the_kind_of_a_token_is_read_far_better_than_random_labels() {
        ProbeReport report = ProbeTraining.ofClasses(middle, KINDS, CONFIG).run(ProbeTest::isCapital);
        System.out.println(java.util.Arrays.toString(report.scores().values()));
        assertThat(report.heldOut()).isGreaterThan(0.85f);
        assertThat(report.scores().at(0, 2)).isLessThan(0.7f);
        assertThat(report.selectivity()).isGreaterThan(0.1f);
    }

    @Test
    void a_position_is_a_number_that_can_be_read() {
        ProbeReport report = ProbeTraining.ofNumber(middle, "position", CONFIG).run(HarvestRows.Origin::position);
        System.out.println(java.util.Arrays.toString(report.scores().values()));
        assertThat(report.heldOut()).isGreaterThan(0.5f);
        assertThat(report.controlHeldOut()).isLessThan(0.5f * report.heldOut());
        assertThat(report.confusion()).isEmpty();
        assertThat(report.probe().outputs()).containsExactly("position");
    }

    /** The same numbers from another reading of the files, and from the probe's own answers. */
    @Test
    void scores_are_shares_of_rows_in_documents_that_were_not_trained_on() {
        ProbeReport report = ProbeTraining.ofClasses(middle, KINDS, CONFIG.withSteps(30))
                .withHeldOut(0.5)
                .run(ProbeTest::isCapital);
        long[] right = {0};
        middle.inOrder(batch -> {
            double[] answers = report.probe().answers(batch.values());
            for (int row = 0; row < answers.length; row++) {
                right[0] += answers[row] == isCapital(batch.origins().get(row)) ? 1 : 0;
            }
        });
        float all = (float) right[0] / middle.total();
        assertThat(all)
                .isBetween(
                        Math.min(report.heldOut(), report.scores().at(0, 0)),
                        Math.max(report.heldOut(), report.scores().at(0, 0)));
        assertThat(report.confusion().orElseThrow().at(1, 0)
                        + report.confusion().orElseThrow().at(1, 1))
                .isCloseTo(1, within(1e-5f));
    }

    @Test
    void along_its_direction_its_class_becomes_likelier() {
        Probe probe = ProbeTraining.ofClasses(middle, KINDS, CONFIG.withSteps(60))
                .run(ProbeTest::isCapital)
                .probe();
        HookedTransformer model = (HookedTransformer) demo.hooked();
        Tokens tokens = model.tokens("the dogs near the house");
        Steering steering = Steering.add(probe.hook(), probe.direction("capital"), 30);
        try (Run run = model.run(
                        tokens,
                        RunOptions.defaults().withHooks(steering.hooks(tokens)).withCached(probe.hook()));
                Run clean = model.runWithCache(tokens, probe.hook())) {
            assertThat(probe.answers(clean.cache().get(probe.hook()).toFloatArray()))
                    .contains(0);
            assertThat(probe.answers(run.cache().get(probe.hook()).toFloatArray()))
                    .containsOnly(1);
        }
    }

    @Test
    void labels_may_be_those_of_tokens_or_rows() {
        assertThat(Labels.ofTokens(1, 2).of(new HarvestRows.Origin(7, 0, 0, 0, 1)))
                .isEqualTo(2);
        assertThat(Labels.ofTokens(1, 2).of(new HarvestRows.Origin(7, 0, 0, 0, 2)))
                .isNaN();
        assertThat(Labels.ofRows(4, 5).of(new HarvestRows.Origin(1, 0, 0, 0, 9)))
                .isEqualTo(5);
        assertThatThrownBy(() -> Labels.ofRows(4).of(new HarvestRows.Origin(1, 0, 0, 0, 9)))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("The harvest has a row 1, and 1 labels were given.");
    }

    @Test
    void what_cannot_be_probed_is_explained() {
        ProbeTraining training = ProbeTraining.ofClasses(middle, KINDS, CONFIG);
        assertThatThrownBy(() -> training.run(row -> 2))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("A row has the label 2.0, and the classes are 0 to 1: [small, capital].");
        assertThatThrownBy(() -> training.run(row -> 1))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("their labels are [1.0]: there is nothing to tell apart.");
        assertThatThrownBy(() -> ProbeTraining.ofClasses(middle, List.of("one"), CONFIG))
                .hasMessageContaining("needs at least two, and [one] was given.");
        assertThatThrownBy(() -> ProbeTraining.ofClasses(middle, List.of("a", "a"), CONFIG))
                .hasMessageContaining("Give two or more different names");
        assertThatThrownBy(() -> training.withHeldOut(1)).hasMessageStartingWith("A share of 1.0 of the documents");
        assertThatThrownBy(() -> training.run(row -> row.document() == 0 ? row.position() % 2 : Double.NaN))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("No labelled row of blocks.1.hook_resid_post is in a document that is held out.");
        TrainConfig wild = new TrainConfig(30, 2, 8, 1e38, 0, 1, 0.9, 0.98, 0, 1, 1);
        assertThatThrownBy(() -> ProbeTraining.ofNumber(middle, "x", wild).run(HarvestRows.Origin::position))
                .isInstanceOf(StateException.class)
                .hasMessageEndingWith("is likely too high: lower it.");
        Probe probe = new Probe("x", List.of("a", "b"), new float[4], new float[2]);
        assertThatThrownBy(() -> probe.scores(1, 2, 3)).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> probe.direction("c")).isInstanceOf(UnknownNameException.class);
    }
}
