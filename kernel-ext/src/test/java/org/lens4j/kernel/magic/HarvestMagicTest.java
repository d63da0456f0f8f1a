package org.lens4j.kernel.magic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.error.UsageException;
import org.lens4j.harvest.Harvested;
import org.lens4j.kernel.session.LensSession;

class HarvestMagicTest {
    private static final LensSession LENS = new LensSession();
    private static final MagicTable MAGICS = LensMagics.of(LENS);

    @BeforeAll
    static void load() {
        LENS.load("demo");
    }

    @AfterAll
    static void close() {
        LENS.close();
    }

    private static MagicResult run(String line) throws Exception {
        String[] nameAndRest = line.substring(1).split(" ", 2);
        return MAGICS.run(MagicCall.line(nameAndRest[0], nameAndRest[1]), new QuietHost());
    }

    private static Path corpus(Path folder) throws IOException {
        return Files.writeString(folder.resolve("c.txt"), "When Mary and John\nParis is the capital");
    }

    @Test
    void a_line_harvests(@TempDir Path folder) throws Exception {
        Path out = folder.resolve("rows");
        Harvested done = (Harvested) run("%%harvest blocks.0.hook_resid_post --in %s --out %s --positions last"
                        .formatted(corpus(folder), out))
                .value()
                .orElseThrow();
        assertThat(done).hasToString("Harvested 2 rows of 1 hook point in 1 file of %s.".formatted(out));
    }

    @Test
    void its_java_says_every_option() throws Exception {
        String line = "%harvest a.* b --in c.jsonl --out rows --field body --dtype float16 --batch 2 --context 5"
                + " --positions sample:3 --seed 9 --no-special --limit 9 --shard-rows 4 --java";
        assertThat(run(line).shown().orElseThrow().plain())
                .isEqualTo(
                        "Harvest.of(lens.pretrained(), Corpus.of(java.nio.file.Path.of(\"c.jsonl\")).withField(\"body\"), HarvestOptions.of(\"a.*\", \"b\").withPrecision(Precision.FLOAT16).withBatch(2).withContext(5).withPositions(new Positions.Sample(3, 9L)).withoutSpecial().withLimit(9L).withShardRows(4)).into(java.nio.file.Path.of(\"rows\"))");
    }

    @Test
    void what_is_missing_is_said() {
        assertThatThrownBy(() -> run("%harvest blocks.0.hook_resid_post --in c.txt"))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("There is no file c.txt");
        assertThatThrownBy(() -> run("%harvest blocks.0.hook_resid_post"))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("%harvest needs --in FILE.");
        assertThatThrownBy(() -> run("%harvest --in c.txt --out rows --java"))
                .isInstanceOf(UsageException.class)
                .hasMessage("%harvest needs the name of at least one hook point, or a glob. List them with %hooks.");
    }
}
