package org.lens4j.harvest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.error.StateException;
import org.lens4j.error.UsageException;
import org.lens4j.load.Pretrained;

class HarvestResumeTest {
    private static final Pretrained DEMO = Harvests.demo();

    @TempDir
    Path folder;

    @AfterAll
    static void close() {
        DEMO.hooked().close();
    }

    private static Harvest harvest(Path corpus, HarvestOptions options) {
        return Harvest.of(DEMO, Corpus.of(corpus), options);
    }

    /** Ends the harvest after so many batches. */
    private static HarvestListener endingAfter(int batches) {
        return new HarvestListener() {
            private int told;

            @Override
            public void at(HarvestProgress progress) {
                told++;
            }

            @Override
            public boolean stops() {
                return told > batches;
            }
        };
    }

    private static void assertSameFiles(Path one, Path other) throws IOException {
        List<HarvestIndex.Shard> shards = HarvestIndex.read(one).orElseThrow().shards();
        assertThat(HarvestIndex.read(other).orElseThrow().shards()).isEqualTo(shards);
        for (HarvestIndex.Shard shard : shards) {
            assertThat(one.resolve(shard.file())).hasSameBinaryContentAs(other.resolve(shard.file()));
        }
        assertThat(one.resolve(HarvestIndex.FILE)).hasSameTextualContentAs(other.resolve(HarvestIndex.FILE));
    }

    @Test
    void a_harvest_stopped_anywhere_goes_on_to_the_same_bits() throws IOException {
        Path corpus = Harvests.corpus(folder, 60, 30);
        HarvestOptions options =
                Harvests.small().withPositions(new Positions.Sample(9, 5)).withLimit(700);
        Path whole = folder.resolve("whole");
        harvest(corpus, options).into(whole);
        for (int batches : new int[] {0, 1, 4, 7, 9, 15}) {
            Path parts = folder.resolve("parts" + batches);
            Harvested stopped = harvest(corpus, options).into(parts, endingAfter(batches));
            assertThat(stopped.isComplete()).isFalse();
            assertThat(stopped.toString()).startsWith("Stopped with ").endsWith("and it goes on from there.");
            assertThat(harvest(corpus, options).into(parts).isComplete()).isTrue();
            assertSameFiles(whole, parts);
        }
    }

    @Test
    void a_killed_harvest_goes_on_to_the_same_bits() throws IOException, InterruptedException {
        Path corpus = Harvests.corpus(folder, 1500, 40);
        Path whole = folder.resolve("whole");
        long all = harvest(corpus, Harvests.small()).into(whole).index().rows();
        Path killed = folder.resolve("killed");
        Random random = new Random(7);
        int kills = 0;
        for (int attempt = 0; attempt < 6; attempt++) {
            Process process = HarvestMain.start(corpus.toString(), killed.toString(), "64");
            // Some batches further than it came before, and then at any moment.
            int batches = 2 + random.nextInt(60);
            try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
                int read = 0;
                while (read < batches && out.readLine() != null) {
                    read++;
                }
                for (int spin = random.nextInt(200_000); spin > 0; spin--) {
                    Thread.onSpinWait();
                }
                kills += process.isAlive() ? 1 : 0;
                process.destroyForcibly();
            }
            process.waitFor();
        }
        assertThat(kills).isGreaterThan(3);
        assertThat(HarvestIndex.read(killed).orElseThrow().rows()).isBetween(1L, all - 1);
        assertThat(harvest(corpus, Harvests.small()).into(killed).isComplete()).isTrue();
        assertSameFiles(whole, killed);
    }

    @Test
    void a_file_the_index_does_not_name_yet_is_written_again() throws IOException {
        Path corpus = Harvests.corpus(folder, 40, 30);
        Path whole = folder.resolve("whole");
        harvest(corpus, Harvests.small()).into(whole);
        Path out = folder.resolve("out");
        harvest(corpus, Harvests.small()).into(out, endingAfter(6));
        int named = HarvestIndex.read(out).orElseThrow().shards().size();
        Path next = out.resolve("shard-%05d.safetensors".formatted(named));
        Files.writeString(next, "whole, and not in the index");
        Files.writeString(Durable.partial(next), "half of something");
        harvest(corpus, Harvests.small()).into(out);
        assertSameFiles(whole, out);
        assertThat(Durable.partial(next)).doesNotExist();
    }

    @Test
    void an_interrupt_ends_it_with_whole_files_only() throws IOException {
        Path corpus = Harvests.corpus(folder, 60, 30);
        Path out = folder.resolve("out");
        Harvested stopped = harvest(corpus, Harvests.small()).into(out, progress -> {
            if (progress.shards() == 1) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(Thread.interrupted()).isTrue();
        assertThat(stopped.isComplete()).isFalse();
        assertThat(stopped.index().shards()).hasSize(1);
        try (Stream<Path> files = Files.list(out)) {
            assertThat(files.map(it -> it.getFileName().toString()))
                    .containsExactlyInAnyOrder("harvest.json", "harvest.lock", "shard-00000.safetensors");
        }
    }

    @Test
    void it_says_that_it_begins_and_ends_however_it_ends() throws IOException {
        Path corpus = Harvests.corpus(folder, 60, 30);
        Path out = folder.resolve("out");
        Told stopped = new Told();
        harvest(corpus, Harvests.small()).into(out, stopped);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(stopped.events).containsExactly("began", "at", "ended");
        Told failed = new Told();
        assertThatThrownBy(() -> harvest(corpus, Harvests.small().withBatch(4)).into(out, failed))
                .isInstanceOf(UsageException.class);
        assertThat(failed.events).containsExactly("began", "ended");
    }

    /** Keeps what it is told, and interrupts its thread at once. */
    private static final class Told implements HarvestListener {
        private final List<String> events = new java.util.ArrayList<>();

        @Override
        public void began() {
            events.add("began");
        }

        @Override
        public void at(HarvestProgress progress) {
            events.add("at");
            Thread.currentThread().interrupt();
        }

        @Override
        public void ended() {
            events.add("ended");
        }
    }

    @Test
    void other_options_in_the_same_folder_are_refused_with_what_differs() throws IOException {
        Path corpus = Harvests.corpus(folder, 10, 10);
        Path out = folder.resolve("out");
        harvest(corpus, Harvests.small()).into(out);
        HarvestOptions other = Harvests.small().withBatch(4).withPrecision(Precision.FLOAT16);
        assertThatThrownBy(() -> harvest(corpus, other).into(out))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "%s holds another harvest: batch: 3 there, 4 asked for; dtype: float32 there, float16 asked for. Ask for the same to go on with it, or name another folder.",
                        out);
        Files.writeString(corpus, Files.readString(corpus) + "more\n");
        assertThatThrownBy(() -> harvest(corpus, Harvests.small()).into(out))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("; text of the corpus (a hash): ")
                .hasMessageContaining("bytes of the corpus: ");
    }

    @Test
    void a_complete_harvest_is_left_as_it_is() throws IOException {
        Path corpus = Harvests.corpus(folder, 10, 10);
        Path out = folder.resolve("out");
        harvest(corpus, Harvests.small()).into(out);
        Harvested again = harvest(corpus, Harvests.small()).into(out, progress -> {
            throw new IllegalStateException("Something was run.");
        });
        assertThat(again.isComplete()).isTrue();
        assertThat(again)
                .hasToString("Nothing was left to harvest: %,d rows of 1 hook point in %d %s of %s were there already."
                        .formatted(
                                again.index().rows(),
                                again.index().shards().size(),
                                again.index().shards().size() == 1 ? "file" : "files",
                                out));
    }

    @Test
    void another_hook_point_in_the_same_folder_is_refused_by_its_name() throws IOException {
        Path corpus = Harvests.corpus(folder, 10, 10);
        Path out = folder.resolve("out");
        harvest(corpus, HarvestOptions.of("blocks.0.hook_resid_post")).into(out);
        HarvestOptions other = HarvestOptions.of("blocks.1.hook_resid_post", "blocks.1.hook_mlp_out");
        assertThatThrownBy(() -> harvest(corpus, other).into(out))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "%s holds another harvest: hook points: blocks.0.hook_resid_post there, blocks.1.hook_mlp_out, blocks.1.hook_resid_post asked for. Ask for the same to go on with it, or name another folder.",
                        out);
    }

    @Test
    void a_finished_file_that_is_gone_is_missed() throws IOException {
        Path corpus = Harvests.corpus(folder, 40, 30);
        Path out = folder.resolve("out");
        harvest(corpus, Harvests.small()).into(out, endingAfter(8));
        Files.delete(out.resolve("shard-00000.safetensors"));
        assertThatThrownBy(() -> harvest(corpus, Harvests.small()).into(out))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "%s is gone or changed, and harvest.json says it has 64 rows. Put it back, or begin anew in another folder.",
                        out.resolve("shard-00000.safetensors"));
    }

    @Test
    void two_harvests_do_not_write_into_one_folder() throws IOException {
        Path corpus = Harvests.corpus(folder, 10, 10);
        Path out = folder.resolve("out");
        List<String> refusals = new java.util.ArrayList<>();
        harvest(corpus, Harvests.small()).into(out, progress -> {
            assertThatThrownBy(() -> harvest(corpus, Harvests.small()).into(out))
                    .isInstanceOf(StateException.class)
                    .hasMessage("Another harvest is writing into %s. Wait for its end, or name another folder.", out);
            refusals.add(progress.toString());
        });
        assertThat(refusals).isNotEmpty();
    }

    @Test
    void a_damaged_index_is_refused() throws IOException {
        Path corpus = Harvests.corpus(folder, 10, 10);
        Files.writeString(folder.resolve(HarvestIndex.FILE), "{}");
        assertThatThrownBy(() -> harvest(corpus, Harvests.small()).into(folder))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("is not what a harvest writes");
    }
}
