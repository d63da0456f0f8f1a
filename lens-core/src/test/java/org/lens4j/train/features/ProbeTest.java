package org.lens4j.train.features;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.harvest.HarvestRows;
import org.lens4j.load.Pretrained;
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
        assertThat(report.heldOut()).isGreaterThan(0.95f);
        assertThat(report.selectivity()).isGreaterThan(0.1f);
    }

    @Test
    void a_position_is_a_number_that_can_be_read() {
        ProbeReport report = ProbeTraining.ofNumber(middle, "position", CONFIG).run(HarvestRows.Origin::position);
        System.out.println(java.util.Arrays.toString(report.scores().values()));
        assertThat(report.heldOut()).isGreaterThan(0.8f);
        assertThat(report.controlHeldOut()).isLessThan(0.5f);
        assertThat(report.confusion()).isEmpty();
    }
}
