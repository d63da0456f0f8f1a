package org.lens4j.harvest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lens4j.load.Pretrained;

/** A test that harvests from the demo into a folder of its own. */
interface HarvestFolder {
    /** The model, which stays with the test. */
    Pretrained demo();

    /** Where corpora and harvests are. */
    Path folder();

    /** Writes a file. */
    default Path written(String name, String text) throws IOException {
        return Files.writeString(folder().resolve(name), text);
    }

    /** Harvests into {@code out}. */
    default Harvested harvest(Path corpus, HarvestOptions options) throws IOException {
        return harvest(corpus, options, "out");
    }

    /** Harvests into a folder of the folder. */
    default Harvested harvest(Path corpus, HarvestOptions options, String name) throws IOException {
        return Harvest.of(demo(), Corpus.of(corpus), options).into(folder().resolve(name));
    }
}
