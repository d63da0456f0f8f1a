package org.lens4j.train.lens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.Fixtures;
import org.lens4j.Lens;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.logits.LensOptions;
import org.lens4j.analysis.logits.LensReading;
import org.lens4j.analysis.logits.MeanDivergence;
import org.lens4j.analysis.logits.ResidualPoint;
import org.lens4j.error.CheckpointException;
import org.lens4j.error.StateException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.Tokens;
import org.lens4j.train.ToldTraining;
import org.lens4j.train.TrainConfig;
import org.lens4j.train.TrainProgress;
import org.lens4j.train.english.ProbedKind;
import org.lens4j.train.english.SyntheticEnglish;
import org.lens4j.weights.SafetensorsWriter;

class TunedLensTest {
    private static final TrainConfig CONFIG = TrainConfig.of(150, 12, 32, 2e-3);

    private static HookedTransformer model;
    private static TunedLens lens;
    private static Tokens heldOut;
    private static final List<Double> LOSSES = new ArrayList<>();

    @BeforeAll
    static void train() {
        model = Lens.load("demo");
        SyntheticEnglish english = SyntheticEnglish.standard();
        lens = TunedLensTraining.of(model, CONFIG)
                .withMiddles()
                .run(english.training(77).limit(3000).toList(), progress -> LOSSES.add(progress.loss()));
        List<String> texts = new ArrayList<>();
        for (ProbedKind kind : english.probedKinds()) {
            english.heldOut(kind, 25, 5).forEach(it -> texts.add(it.prompt() + it.answer()));
        }
        heldOut = model.tokens(PaddingSide.RIGHT, texts.toArray(String[]::new));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static LensOptions everywhere() {
        return LensOptions.defaults().withMiddles();
    }

    @Test
    void it_is_nearer_to_the_model_than_the_logit_lens_at_every_layer_of_text_it_never_saw() {
        Grid logit = MeanDivergence.of(model, heldOut, everywhere());
        Grid tuned = MeanDivergence.of(model, heldOut, everywhere().through(lens));
        int last = logit.axis("component").size() - 1;
        for (int component = 0; component < last; component++) {
            assertThat(tuned.at(component))
                    .as(logit.axis("component").labels().get(component))
                    .isLessThan(0.8f * logit.at(component));
        }
        assertThat(tuned.at(last)).isZero();
        assertThat(LOSSES).hasSize(CONFIG.steps());
        assertThat(LOSSES.get(CONFIG.steps() - 1)).isLessThan(0.8 * LOSSES.get(0));
    }

    @Test
    void before_it_is_trained_it_is_the_logit_lens() {
        TunedLens identity = TunedLens.identity(model.config(), ResidualPoint.withMiddles(model.config()));
        LensReading plain = LensReading.of(model, heldOut, everywhere());
        LensReading through = LensReading.of(model, heldOut, everywhere().through(identity));
        assertThat(through.lens().top()).isEqualTo(plain.lens().top());
        assertThat(through.kl().values()).isEqualTo(plain.kl().values());
    }

    @Test
    void a_mean_divergence_is_the_mean_of_what_a_reading_shows() {
        Grid kl = LensReading.of(model, heldOut, everywhere().through(lens)).kl();
        Grid mean = MeanDivergence.of(model, heldOut.sequences(0), everywhere().through(lens));
        double sum = 0;
        int count = 0;
        for (int pos = 0; pos < heldOut.pos(); pos++) {
            if (heldOut.isAttended(0, pos)) {
                sum += kl.at(2, pos);
                count++;
            }
        }
        assertThat(count).isLessThan(heldOut.pos());
        assertThat(mean.at(2)).isCloseTo((float) (sum / count), org.assertj.core.data.Offset.offset(1e-4f));
    }

    @Test
    void it_reads_the_same_when_it_was_saved_and_loaded(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("lens.safetensors");
        lens.save(file);
        TunedLens loaded = TunedLens.load(file, model.config());
        assertThat(loaded.components()).containsExactly("0_pre", "0_mid", "1_pre", "1_mid", "2_pre", "2_mid");
        assertThat(MeanDivergence.of(model, heldOut, everywhere().through(loaded))
                        .values())
                .isEqualTo(MeanDivergence.of(model, heldOut, everywhere().through(lens))
                        .values());
    }

    @Test
    void files_that_are_no_lens_of_the_model_are_refused(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("other.safetensors");
        SafetensorsWriter.write(file, Map.of("x", new SafetensorsWriter.Floats(new long[] {1}, new float[1])));
        assertThatThrownBy(() -> TunedLens.load(file, model.config()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("is no tuned lens of this model: it has the tensors x,")
                .hasMessageEndingWith("Give the file TunedLens.save wrote.");
        try (HookedTransformer gpt2 =
                Lens.load(Fixtures.committed("gpt2").toAbsolutePath().toString())) {
            TunedLens.identity(gpt2.config(), ResidualPoint.beforeBlocks(gpt2.config()))
                    .save(file);
        }
        assertThatThrownBy(() -> TunedLens.load(file, model.config()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("0_pre.weight of ")
                .hasMessageEndingWith("Is it the lens of another model?");
    }

    @Test
    void a_place_it_was_not_trained_for_is_named() {
        TunedLens blocks = TunedLens.identity(model.config(), ResidualPoint.beforeBlocks(model.config()));
        assertThatThrownBy(() -> LensReading.of(model, heldOut, everywhere().through(blocks)))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageStartingWith("Unknown place \"0_mid\" in this tuned lens. Closest of 3: ")
                .hasMessageEndingWith("train another with withMiddles().");
    }

    @Test
    void training_ends_on_an_interrupt_and_begins_texts_again() {
        List<TrainProgress> told = new ArrayList<>();
        TunedLens brief = TunedLensTraining.of(model, CONFIG).run(List.of("When Mary"), progress -> {
            told.add(progress);
            if (progress.step() == 2) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(Thread.interrupted()).isTrue();
        assertThat(told).hasSize(2);
        assertThat(brief.components()).hasSize(3);
    }

    @Test
    void training_says_that_it_begins_and_ends_however_it_ends() {
        TunedLensTraining training = TunedLensTraining.of(model, CONFIG);
        ToldTraining stopped = new ToldTraining(1);
        training.run(List.of("When Mary"), stopped);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(stopped.events()).containsExactly("began", "step 1", "ended");
        ToldTraining failed = new ToldTraining(0);
        assertThatThrownBy(() -> training.run(List.of(), failed)).isInstanceOf(UsageException.class);
        assertThat(failed.events()).containsExactly("began", "ended");
    }

    @Test
    void no_text_and_a_rate_that_is_too_high_are_explained() {
        assertThatThrownBy(() -> TunedLensTraining.of(model, CONFIG).run(List.of(), progress -> {}))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("There is no text to train on");
        assertThatThrownBy(() -> TunedLensTraining.of(model, CONFIG).run(List.of("", ""), progress -> {}))
                .isInstanceOf(UsageException.class);
        TrainConfig wild = new TrainConfig(20, 2, 8, 1e38, 0, 1, 0.9, 0.98, 0, 1, 1);
        assertThatThrownBy(() -> TunedLensTraining.of(model, wild).run(List.of("When Mary"), progress -> {}))
                .isInstanceOf(StateException.class)
                .hasMessageContaining("of the tuned lens has loss")
                .hasMessageEndingWith("is likely too high: lower it.");
    }
}
