package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lens4j.error.Explained;
import org.lens4j.kernel.display.MimeBundle;
import org.lens4j.kernel.host.LiveNotebook;
import org.lens4j.train.features.SparseAutoencoder;
import org.lens4j.train.lens.TunedLens;

class TrainMagicTest {
    private static final DemoMagics MAGICS = new DemoMagics();
    private static final List<String> TEXTS = List.of(
            "When Mary and John went to the store, John gave a drink to Mary.", "Paris is the capital of France.");
    private static final String QUICK = " --steps 4 --batch 2 --length 16";

    @TempDir
    private Path folder;

    @BeforeEach
    void begin() {
        // What was stopped leaves its thread as the stop button does.
        boolean unused = Thread.interrupted();
        MAGICS.host().stopAfter(Integer.MAX_VALUE);
        MAGICS.host().set("texts", TEXTS);
    }

    @AfterAll
    static void close() {
        MAGICS.close();
    }

    @Test
    void a_tuned_lens_is_trained_and_read_through() throws Exception {
        MimeBundle shown = MAGICS.shown("%train lens --texts $texts -o tuned" + QUICK);
        assertThat(shown.plain()).contains("Loss", "4 steps, the last loss ");
        assertThat(MAGICS.host().variable("tuned")).get().isInstanceOf(TunedLens.class);
        Path file = Files.write(folder.resolve("texts.txt"), TEXTS);
        assertThat(MAGICS.value("%train lens --texts \"" + file + "\"" + QUICK, TunedLens.class)
                        .components())
                .containsExactly("0_pre", "1_pre", "2_pre");
    }

    @Test
    void an_autoencoder_is_trained_on_a_harvest() throws Exception {
        Path corpus = Files.write(folder.resolve("corpus.txt"), TEXTS);
        Path rows = folder.resolve("rows");
        MAGICS.run("%%harvest blocks.1.hook_resid_post --in \"%s\" --out \"%s\"".formatted(corpus, rows));
        SparseAutoencoder sae = MAGICS.value(
                "%%train sae --rows \"%s\" --hook blocks.1.hook_resid_post --features 32 --top-k 4%s"
                        .formatted(rows, " --steps 3 --batch 1 --length 8"),
                SparseAutoencoder.class);
        assertThat(sae.dSae()).isEqualTo(32);
    }

    @Test
    void the_embedded_model_is_trained_anew() throws Exception {
        Path out = folder.resolve("demo");
        List<?> losses = MAGICS.value("%%train demo --steps 2 --out \"%s\"".formatted(out), List.class);
        assertThat(losses).hasSize(2);
        assertThat(out.resolve("model.safetensors")).exists();
        assertThat(out.resolve("tokenizer.json")).exists();
    }

    @Test
    void stopped_it_keeps_what_it_learnt() throws Exception {
        MAGICS.host().stopAfter(2);
        assertThat(MAGICS.shown("%train lens --texts $texts -o part" + QUICK).plain())
                .contains("Stopped after 3 of 4 steps.");
        assertThat(MAGICS.host().variable("part")).get().isInstanceOf(TunedLens.class);
        begin();
        MAGICS.host().stopAfter(1);
        Path out = folder.resolve("demo");
        assertThat(MAGICS.shown("%%train demo --steps 9 --out \"%s\"".formatted(out))
                        .plain())
                .contains("Stopped after 2 of 9 steps.");
        assertThat(out).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "%train | takes one of demo, lens, sae, and was given []",
                "%train model | takes one of demo, lens, sae",
                "%train demo | %train demo needs --out DIR.",
                "%train demo --out x --texts y | %train demo has no use for --texts",
                "%train demo --out x --rate 1 | %train demo has no use for --rate",
                "%train demo --out x --steps 0 | steps",
                "%train lens | %train lens needs --texts FILE|$TEXTS.",
                "%train lens --texts nowhere.txt | found no file \"nowhere.txt\"",
                "%train lens --texts $texts --rate 0 | learningRate",
                "%train sae --rows x --hook y | %train sae needs --features N.",
                "%train sae --rows x --hook y --features z | must be a whole number"
            })
    void what_is_missing_or_of_no_use_is_said(String line, String reason) {
        assertThatThrownBy(() -> MAGICS.run(line.replace("FILE|$TEXTS", "FILE")))
                .isInstanceOf(Explained.class)
                .message()
                .contains(reason);
    }

    @Test
    void the_java_call_learns_the_same() throws Exception {
        try (LiveNotebook notebook = MagicJavaTest.notebook()) {
            notebook.run("%load demo");
            notebook.run("var texts = List.of(\"Paris is the capital of France.\", \"Mary and John\"); int four = 4;");
            String line = "%train lens --texts $texts --steps $four --batch 2 --length 8 --seed 3";
            String java = notebook.run(line + " --java").orElseThrow().plain();
            assertThat(java)
                    .isEqualTo(
                            "TunedLensTraining.of(lens.model(), TrainConfig.of(four, 2, 8, 1e-3).withSeed(3L)).run(texts, it -> {})");
            notebook.run(line + " -o byMagic");
            notebook.run("var byJava = " + java + ";");
            Path one = folder.resolve("one.safetensors");
            Path two = folder.resolve("two.safetensors");
            ((TunedLens) notebook.variable("byMagic").orElseThrow()).save(one);
            ((TunedLens) notebook.variable("byJava").orElseThrow()).save(two);
            assertThat(Files.readAllBytes(two)).isEqualTo(Files.readAllBytes(one));
            Path demo = folder.resolve("demo");
            String training = notebook.run("%train demo --steps 2 --seed 5 --out \"" + demo + "\" --java")
                    .orElseThrow()
                    .plain();
            assertThat(training)
                    .isEqualTo("DemoModel.train(Path.of(%s), DemoModel.config().withSteps(2).withSeed(5L), it -> {})"
                            .formatted(JavaText.literal(demo.toString())));
        }
    }

    @Test
    void the_java_call_of_an_autoencoder_learns_the_same() throws Exception {
        Path rows = folder.resolve("rows");
        Path corpus = Files.write(folder.resolve("corpus.txt"), TEXTS);
        try (LiveNotebook notebook = MagicJavaTest.notebook()) {
            notebook.run("%load demo");
            notebook.run("%%harvest blocks.1.hook_resid_post --in \"%s\" --out \"%s\"".formatted(corpus, rows));
            notebook.run("int wide = 32;");
            String line =
                    "%%train sae --rows \"%s\" --hook blocks.1.hook_resid_post --features $wide --top-k 4 --steps 3 --batch 1 --length 8 --seed 2"
                            .formatted(rows);
            String java = notebook.run(line + " --java").orElseThrow().plain();
            assertThat(java)
                    .isEqualTo(
                            "new SaeTraining(HarvestRows.of(Path.of(%s), \"blocks.1.hook_resid_post\"), wide, new Sparsity.TopK(4), TrainConfig.of(3, 1, 8, 1e-3).withSeed(2L)).run(it -> {})"
                                    .formatted(JavaText.literal(rows.toString())));
            notebook.run(line + " -o byMagic");
            notebook.run("var byJava = " + java + ";");
            for (String name : List.of("byMagic", "byJava")) {
                ((SparseAutoencoder) notebook.variable(name).orElseThrow()).save(folder.resolve(name), "demo");
            }
            assertThat(folder.resolve("byJava").resolve("sae_weights.safetensors"))
                    .hasSameBinaryContentAs(folder.resolve("byMagic").resolve("sae_weights.safetensors"));
        }
    }
}
