package org.lens4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.harvest.Corpus;
import org.lens4j.harvest.Harvest;
import org.lens4j.harvest.HarvestIndex;
import org.lens4j.harvest.HarvestOptions;
import org.lens4j.harvest.Positions;
import org.lens4j.harvest.Precision;
import org.lens4j.hook.Gate;
import org.lens4j.load.LoadOptions;
import org.lens4j.load.Pretrained;

class HarvestVerbTest {
    private static final String RESID = "blocks.0.hook_resid_post";

    @TempDir
    private Path folder;

    private String corpus = "";
    private String out = "";

    @BeforeEach
    void write_a_corpus() throws IOException {
        corpus = Files.write(
                        folder.resolve("c.jsonl"),
                        List.of(
                                "{\"body\": \"When Mary and John went to the store\"}",
                                "{\"body\": \"Paris is the capital of France\"}"))
                .toString();
        out = folder.resolve("new/rows").toString();
    }

    private MainTest.Ended harvest(String... words) {
        String[] all = new String[words.length + 6];
        System.arraycopy(new String[] {"harvest", "demo", "--in", corpus, "--out", out}, 0, all, 0, 6);
        System.arraycopy(words, 0, all, 6, words.length);
        return MainTest.lens(all);
    }

    @Test
    void its_words_do_what_the_java_does() throws IOException {
        MainTest.Ended ended = harvest(
                ("--hook " + RESID + ",blocks.0.attn.hook_result --attn-result --field body --dtype float16 --batch 2"
                                + " --context 5 --positions sample:3 --seed 9 --no-special --limit 9 --shard-rows 4"
                                + " --no-processing")
                        .split(" ", -1));
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(ended.out()).isEqualTo("Harvested 3 rows of 2 hook points in 1 file of %s.%n".formatted(out));
        // A bar only if the machine was so busy that three documents took more than half a second.
        assertThat(ended.err()).matches("(?s)|harvest: 100%\\|.*tok/s].*");
        Path same = folder.resolve("same");
        Pretrained demo =
                Pretrained.load("demo", LoadOptions.defaults().noProcessing().withoutCheck());
        try (var model = demo.hooked()) {
            assertThat(model.hasTokenizer()).isTrue();
            Harvest.of(
                            demo,
                            Corpus.of(Path.of(corpus)).withField("body"),
                            HarvestOptions.of(RESID, "blocks.0.attn.hook_result")
                                    .with(Gate.ATTN_RESULT)
                                    .withPrecision(Precision.FLOAT16)
                                    .withBatch(2)
                                    .withContext(5)
                                    .withPositions(new Positions.Sample(3, 9))
                                    .withoutSpecial()
                                    .withLimit(9)
                                    .withShardRows(4))
                    .into(same);
        }
        assertThat(same.resolve("harvest.json")).hasSameTextualContentAs(Path.of(out, "harvest.json"));
        assertThat(same.resolve("shard-00000.safetensors"))
                .hasSameBinaryContentAs(Path.of(out, "shard-00000.safetensors"));
    }

    @Test
    void wrong_words_are_answered_with_the_right_ones() throws IOException {
        assertThat(harvest("--hook", "blocks.0.attn.hook_result").err()).contains("Add --attn-result.");
        assertThat(harvest("--hook", RESID).err())
                .contains("Line 1 of " + corpus + " has no field \"text\"; it has body.");
        assertThat(harvest("--hook", RESID, "--seed", "3").err()).contains("--seed is for --positions sample:K");
        assertThat(harvest("--hook", ",").err()).startsWith("--hook names no hook point.");
        assertThat(harvest().err()).startsWith("Missing required option: '--hook");
        String file = Files.writeString(folder.resolve("file"), "").toString();
        assertThat(MainTest.lens("harvest", "demo", "--in", corpus, "--out", file, "--hook", RESID))
                .isEqualTo(new MainTest.Ended(
                        Main.WRONG, "", "--out %s is a file, and a folder is needed. Name another.%n".formatted(file)));
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a process cannot be asked to end there")
    void a_harvest_that_is_asked_to_end_says_how_to_go_on_and_does() throws Exception {
        Path large = Files.write(
                folder.resolve("large.txt"), Collections.nCopies(20_000, "When Mary and John went to the store"));
        try (VerbProcess process = VerbProcess.start(
                folder,
                "harvest",
                "demo",
                "--hook",
                RESID,
                "--in",
                large.toString(),
                "--out",
                out,
                "--shard-rows",
                "1000")) {
            // A bar comes after half a second; on a slow machine that of loading comes before it.
            process.awaitErr("tok/s");
            while (process.isAlive()
                    && HarvestIndex.read(Path.of(out)).map(HarvestIndex::rows).orElse(0L) < 2000) {
                Thread.sleep(5);
            }
            MainTest.Ended stopped = process.interrupted();
            assertThat(stopped.out()).startsWith("Stopped with ").contains(" rows of 1 hook point in ");
            assertThat(stopped.err()).endsWith("tok/s]" + System.lineSeparator());
        }
        long rows = HarvestIndex.read(Path.of(out)).orElseThrow().rows();
        assertThat(rows % 1000).isZero();
        corpus = large.toString();
        MainTest.Ended ended = harvest("--hook", RESID, "--shard-rows", "1000");
        assertThat(ended.code()).as(ended.err()).isZero();
        assertThat(HarvestIndex.read(Path.of(out)).orElseThrow().isComplete()).isTrue();
    }
}
