package org.lens4j.harvest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.load.Pretrained;

class HarvestRowsTest {
    @TempDir
    static Path folder;

    private static Pretrained demo;
    private static HarvestRows rows;

    @BeforeAll
    static void harvest() throws IOException {
        demo = Harvests.demo();
        Harvest.of(
                        demo,
                        Corpus.of(Harvests.corpus(folder, 60, 9)),
                        Harvests.small().withShardRows(50))
                .into(folder.resolve("out"));
        Harvest.of(
                        demo,
                        Corpus.of(Harvests.corpus(folder, 60, 9)),
                        Harvests.small().withPrecision(Precision.FLOAT16))
                .into(folder.resolve("half"));
        rows = HarvestRows.of(folder.resolve("out"), Harvests.RESID);
    }

    @AfterAll
    static void close() {
        demo.hooked().close();
    }

    private static float[] all(HarvestRows read) {
        List<float[]> parts = new ArrayList<>();
        read.inOrder(batch -> parts.add(batch.values()));
        float[] all = new float[parts.stream().mapToInt(it -> it.length).sum()];
        int next = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, next, part.length);
            next += part.length;
        }
        return all;
    }

    @Test
    void in_order_they_are_what_the_files_hold() throws IOException {
        assertThat(rows.total()).isGreaterThan(150);
        assertThat(rows.width()).isEqualTo(64);
        assertThat(all(rows)).isEqualTo(Harvests.floats(folder.resolve("out"), Harvests.RESID));
        List<Long> tokens = new ArrayList<>();
        rows.inOrder(batch -> batch.origins().forEach(it -> tokens.add(it.token())));
        assertThat(tokens.stream().mapToLong(it -> it)).containsExactly(boxed("token"));
    }

    private static Long[] boxed(String column) throws IOException {
        return java.util.Arrays.stream(Harvests.longs(folder.resolve("out"), column))
                .boxed()
                .toArray(Long[]::new);
    }

    @Test
    void shuffled_every_row_comes_once_in_each_round_with_its_own_numbers() {
        float[] all = all(rows);
        int total = (int) rows.total();
        Iterator<HarvestRows.Batch> batches = rows.shuffled(1, 3);
        for (int round = 0; round < 2; round++) {
            List<Long> numbers = new ArrayList<>();
            for (int i = 0; i < total; i++) {
                HarvestRows.Batch one = batches.next();
                long number = one.origins().get(0).number();
                numbers.add(number);
                assertThat(one.values())
                        .isEqualTo(java.util.Arrays.copyOfRange(all, (int) number * 64, (int) (number + 1) * 64));
            }
            assertThat(numbers).doesNotHaveDuplicates();
            assertThat(numbers).isNotEqualTo(numbers.stream().sorted().toList());
        }
    }

    @Test
    void a_seed_says_the_order() {
        assertThat(rows.shuffled(40, 3).next().origins())
                .isEqualTo(rows.shuffled(40, 3).next().origins());
        assertThat(rows.shuffled(40, 3).next().origins())
                .isNotEqualTo(rows.shuffled(40, 4).next().origins());
    }

    @Test
    void only_those_that_are_wanted_come() {
        HarvestRows some = rows.where(it -> it.document() == 2);
        assertThat(some.shuffled(30, 1).next().origins()).allMatch(it -> it.document() == 2);
        assertThatThrownBy(() -> rows.where(it -> false).shuffled(3, 1).next())
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("No row of blocks.1.hook_resid_post in ")
                .hasMessageEndingWith("Harvest more, or ask for others.");
    }

    @Test
    void half_precision_is_widened() throws IOException {
        float[] half = all(HarvestRows.of(folder.resolve("half"), Harvests.RESID));
        float[] whole = all(rows);
        assertThat(half).hasSameSizeAs(whole);
        for (int i = 0; i < half.length; i++) {
            assertThat(Math.abs(half[i] - whole[i])).isLessThanOrEqualTo(Math.abs(whole[i]) / 1024 + 1e-4f);
        }
    }

    @Test
    void what_is_not_there_is_explained() throws IOException {
        assertThatThrownBy(() -> HarvestRows.of(folder.resolve("out"), "blocks.1.hook_resid_pre"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageEndingWith("Closest of 1: blocks.1.hook_resid_post. Harvest that point too.");
        Path empty = Files.createDirectory(folder.resolve("empty"));
        assertThatThrownBy(() -> HarvestRows.of(empty, Harvests.RESID))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("holds no harvest: it has no harvest.json.");
        assertThatThrownBy(() -> rows.shuffled(0, 1))
                .isInstanceOf(UsageException.class)
                .hasMessage("A batch of 0 rows holds nothing. Use 1 or more.");
    }
}
