package org.lens4j.train.features;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lens4j.harvest.Corpus;
import org.lens4j.harvest.Harvest;
import org.lens4j.harvest.HarvestOptions;
import org.lens4j.harvest.HarvestRows;
import org.lens4j.load.LoadOptions;
import org.lens4j.load.Pretrained;
import org.lens4j.train.english.SyntheticEnglish;

/** The demo's activations on its own English, for tests that learn from them. */
final class DemoHarvest {
    static final String MIDDLE = "blocks.1.hook_resid_post";
    static final String LAST = "blocks.2.hook_resid_post";

    private DemoHarvest() {}

    static Pretrained demo() {
        return Pretrained.load("demo", LoadOptions.defaults().withoutCheck());
    }

    static Path into(Path folder, Pretrained demo, int documents) throws IOException {
        Path corpus = folder.resolve("corpus.txt");
        Files.write(
                corpus, SyntheticEnglish.standard().training(5).limit(documents).toList());
        Path rows = folder.resolve("rows");
        Harvest.of(
                        demo,
                        Corpus.of(corpus),
                        HarvestOptions.of(MIDDLE, LAST)
                                .withContext(64)
                                .withShardRows(3000)
                                .withoutSpecial())
                .into(rows);
        return rows;
    }

    static HarvestRows rows(Path folder, String hook) throws IOException {
        return HarvestRows.of(folder, hook);
    }
}
