package org.lens4j.harvest;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.lens4j.load.LoadOptions;
import org.lens4j.load.Pretrained;
import org.lens4j.weights.Safetensors;

/** What tests of harvests share: the demo, corpora in words it knows, and rows read back. */
final class Harvests {
    static final String RESID = "blocks.1.hook_resid_post";

    private static final List<String> WORDS = List.of(
            "When", "Mary", "and", "John", "went", "to", "the", "store", "gave", "a", "drink", "Paris", "France", "is");

    private Harvests() {}

    static Pretrained demo() {
        return Pretrained.load("demo", LoadOptions.defaults().withoutCheck());
    }

    /** A corpus of sentences of 1 to {@code words} words, some lines blank. */
    static Path corpus(Path folder, int documents, int words) throws IOException {
        Random random = new Random(documents);
        List<String> lines = IntStream.range(0, documents)
                .mapToObj(line -> line % 7 == 3 ? "" : sentence(random, 1 + random.nextInt(words)))
                .toList();
        return Files.write(folder.resolve("corpus.txt"), lines);
    }

    private static String sentence(Random random, int words) {
        return String.join(
                " ",
                IntStream.range(0, words)
                        .mapToObj(i -> WORDS.get(random.nextInt(WORDS.size())))
                        .toList());
    }

    static HarvestOptions small() {
        return HarvestOptions.of(RESID).withBatch(3).withContext(10).withShardRows(64);
    }

    static List<Safetensors> files(Path folder) throws IOException {
        return HarvestIndex.read(folder).orElseThrow().shards().stream()
                .map(it -> Safetensors.open(folder.resolve(it.file())))
                .toList();
    }

    /** One column of all files together. */
    static long[] longs(Path folder, String column) throws IOException {
        return files(folder).stream()
                .flatMapToLong(file -> {
                    LongBuffer stored = file.bytes(column).asLongBuffer();
                    long[] values = new long[stored.remaining()];
                    stored.get(values);
                    return java.util.Arrays.stream(values);
                })
                .toArray();
    }

    /** One float32 column of all files together, row-major. */
    static float[] floats(Path folder, String column) throws IOException {
        List<FloatBuffer> parts = files(folder).stream()
                .map(it -> it.bytes(column).asFloatBuffer())
                .toList();
        FloatBuffer all = FloatBuffer.allocate(
                parts.stream().mapToInt(FloatBuffer::remaining).sum());
        parts.forEach(all::put);
        return all.array();
    }

    /** Which token each row is: document, context, position, token. */
    static List<List<Long>> keys(Harvested done) throws IOException {
        long[] documents = longs(done.directory(), "document");
        long[] contexts = longs(done.directory(), "context");
        long[] positions = longs(done.directory(), "position");
        long[] tokens = longs(done.directory(), "token");
        List<List<Long>> keys = new ArrayList<>();
        for (int i = 0; i < documents.length; i++) {
            keys.add(List.of(documents[i], contexts[i], positions[i], tokens[i]));
        }
        return keys;
    }
}
