package org.lens4j.kernel.display;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.analysis.patching.ActivationPatch;
import org.lens4j.analysis.patching.PatchMetric;
import org.lens4j.analysis.patching.PatchPairs;
import org.lens4j.analysis.patching.PatchProgress;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.patching.PatchSite;
import org.lens4j.analysis.patching.PatchedLogits;
import org.lens4j.harvest.Corpus;
import org.lens4j.harvest.Harvest;
import org.lens4j.harvest.HarvestListener;
import org.lens4j.harvest.HarvestOptions;
import org.lens4j.harvest.HarvestProgress;
import org.lens4j.load.LoadOptions;
import org.lens4j.load.Pretrained;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Scope;
import org.lens4j.train.TrainConfig;
import org.lens4j.train.TrainListener;
import org.lens4j.train.TrainProgress;
import org.lens4j.train.lens.TunedLensTraining;

/** Bars a user gives to long work that says nothing for a while: each test's work waits until its bar has been seen. */
class WorkBarsTest {
    private static Pretrained demo;
    private static HookedTransformer model;

    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    private final WorkBars bars = new WorkBars(() -> new ProgressBar.Canvas() {
        @Override
        public void draw(String line) {
            seen.add(line);
        }

        @Override
        public void end(String line) {
            seen.add("end " + line);
        }
    });

    @BeforeAll
    static void load() {
        demo = Pretrained.load("demo", LoadOptions.defaults().withoutCheck());
        model = (HookedTransformer) demo.hooked();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** The next line, however long the machine takes for it. */
    private String line() {
        try {
            return Objects.requireNonNullElse(seen.poll(30, TimeUnit.SECONDS), "nothing was drawn");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What work does that is silent: it goes on when its bar was drawn, and moved. */
    private void waits(String... beginnings) {
        for (String beginning : beginnings) {
            assertThat(line()).startsWith(beginning);
        }
    }

    /** A metric whose first computation is silent. */
    private PatchMetric slow(Runnable meanwhile) {
        PatchMetric logit = PatchMetric.logit(3);
        boolean[] first = {true};
        return new PatchMetric() {
            @Override
            public String name() {
                return "slow";
            }

            @Override
            public String unit() {
                return "logit";
            }

            @Override
            public NDArray values(PatchedLogits logits, Scope scope) {
                if (first[0]) {
                    first[0] = false;
                    meanwhile.run();
                }
                return logit.values(logits, scope);
            }
        };
    }

    private PatchResult patched(PatchMetric metric) {
        PatchPairs pairs = PatchPairs.of(model, "Mary and John went", "John and Mary went");
        return ActivationPatch.of(model, pairs, metric)
                .withListener(bars.patches())
                .run(PatchSite.headOut());
    }

    @Test
    void a_sweep_is_drawn_before_its_first_patch_and_leaves_one_line() {
        PatchResult result = patched(slow(() -> waits("patches: 0 [00:00,", "patches: 0 [00:01,")));
        String all = String.valueOf(result.progress().of());
        List<String> after = List.copyOf(seen);
        assertThat(after).last().asString().startsWith("end patches: 100%|██████████| " + all + "/" + all + " [");
        assertThat(after).filteredOn(it -> it.startsWith("end ")).hasSize(1);
    }

    @Test
    void a_sweep_that_fails_or_is_interrupted_leaves_one_line_too() throws InterruptedException {
        assertThatThrownBy(() -> patched(slow(() -> {
                    waits("patches: 0 [00:00,");
                    throw new IllegalStateException("no metric");
                })))
                .hasMessage("no metric");
        assertThat(line()).startsWith("end patches: 0 [");
        PatchResult stopped = patched(slow(() -> {
            waits("patches: 0 [00:00,");
            Thread.currentThread().interrupt();
        }));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(stopped.isComplete()).isFalse();
        assertThat(line()).startsWith("end patches: 0 [");
        assertThat(seen.poll(1500, TimeUnit.MILLISECONDS))
                .as("a bar that goes on")
                .isNull();
    }

    @Test
    void a_harvest_is_drawn_from_its_beginning_and_counts_what_was_there_as_done(@TempDir Path folder)
            throws IOException {
        HarvestListener bar = bars.harvest();
        bar.began();
        waits("harvest: 0tok [00:00,", "harvest: 0tok [00:01,");
        bar.at(new HarvestProgress(50, 200, 50, 0));
        bar.ended();
        assertThat(List.copyOf(seen))
                .last()
                .asString()
                .matches("end harvest:  25%\\|.*\\| 50/200 \\[00:0\\d<\\?, \\?tok/s]");
        seen.clear();
        Path corpus = Files.writeString(folder.resolve("corpus.txt"), "Mary and John went home.\n".repeat(20));
        Harvest harvest = Harvest.of(demo, Corpus.of(corpus), HarvestOptions.of("blocks.0.hook_resid_post"));
        harvest.into(folder.resolve("rows"), new Slow(bar));
        assertThat(List.copyOf(seen)).last().asString().startsWith("end harvest: 100%|");
    }

    /** A harvest that is silent for a while behind each batch. */
    private final class Slow implements HarvestListener {
        private final HarvestListener bar;

        Slow(HarvestListener bar) {
            this.bar = bar;
        }

        @Override
        public void began() {
            bar.began();
            waits("harvest: 0tok [00:00,");
        }

        @Override
        public void at(HarvestProgress progress) {
            bar.at(progress);
        }

        @Override
        public void ended() {
            bar.ended();
        }
    }

    @Test
    void a_training_is_drawn_from_its_beginning_with_its_steps_and_its_loss() {
        TrainListener bar = bars.training();
        bar.began();
        waits("train: 0step [00:00,");
        bar.at(new TrainProgress(1, 2, 3.5, 1, 100));
        bar.ended();
        assertThat(List.copyOf(seen))
                .last()
                .asString()
                .startsWith("end train:  50%|")
                .endsWith("] loss 3.500");
        seen.clear();
        // Texts that come slowly, and then not at all.
        Iterable<String> texts = () -> {
            waits("train: 0step [00:00,", "train: 0step [00:01,");
            throw new IllegalStateException("no text");
        };
        assertThatThrownBy(() -> TunedLensTraining.of(model, TrainConfig.of(3, 2, 8, 1e-3))
                        .run(texts, bar))
                .hasMessage("no text");
        assertThat(List.copyOf(seen)).last().asString().startsWith("end train: 0step [00:0");
    }

    @Test
    void quick_work_shows_nothing() {
        TrainListener training = bars.training();
        training.began();
        training.at(new TrainProgress(1, 1, 3.5, 1, 100));
        training.ended();
        assertThat(seen).isEmpty();
        assertThat(bars.patches()).isNotNull();
        bars.patches().at(new PatchProgress(1, 1));
        assertThat(seen).isEmpty();
    }
}
