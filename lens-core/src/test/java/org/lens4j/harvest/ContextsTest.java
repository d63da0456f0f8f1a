package org.lens4j.harvest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.load.Pretrained;
import org.lens4j.text.Tokenizer;

/** Contexts in a frame with two sides, as encoders have one. */
class ContextsTest {
    private static final Frame FRAME = new Frame(new long[] {1}, new long[] {2});
    private static final Pretrained DEMO = Harvests.demo();
    private static final String TEXT = "When Mary and John went to the store";

    @TempDir
    Path folder;

    @AfterAll
    static void close() {
        DEMO.hooked().close();
    }

    private List<Context> contexts(HarvestOptions options) throws IOException {
        Corpus corpus = Corpus.of(Files.writeString(folder.resolve("c.txt"), TEXT));
        List<Context> all = new ArrayList<>();
        try (CorpusReader reader = CorpusReader.open(corpus, 0, 0)) {
            Contexts contexts = new Contexts(reader, DEMO.hooked().tokenizer(), FRAME, options, 5, Place.START);
            for (List<Context> batch = contexts.next(); !batch.isEmpty(); batch = contexts.next()) {
                all.addAll(batch);
            }
        }
        return all;
    }

    @Test
    void every_piece_stands_in_the_frame_and_all_pieces_are_the_text() throws IOException {
        Tokenizer tokenizer = DEMO.hooked().tokenizer();
        List<Context> contexts = contexts(Harvests.small());
        StringBuilder text = new StringBuilder();
        for (Context context : contexts) {
            long[] ids = context.ids();
            assertThat(ids.length).isBetween(3, 5);
            assertThat(ids[0]).isEqualTo(1);
            assertThat(ids[ids.length - 1]).isEqualTo(2);
            assertThat(context.rows()).hasSize(ids.length);
            text.append(tokenizer.decode(Arrays.copyOfRange(ids, 1, ids.length - 1)));
        }
        assertThat(text).hasToString(TEXT);
    }

    @Test
    void rows_without_the_frame_are_the_tokens_of_the_text() throws IOException {
        for (Context context : contexts(Harvests.small().withoutSpecial())) {
            int[] inside = new int[context.ids().length - 2];
            Arrays.setAll(inside, i -> i + 1);
            assertThat(context.rows()).containsExactly(inside);
        }
    }

    @Test
    void the_last_row_is_the_frames_or_the_last_of_the_text() throws IOException {
        HarvestOptions last = Harvests.small().withPositions(new Positions.Last());
        Context framed = contexts(last).get(0);
        assertThat(contexts(last)).hasSize(1);
        assertThat(framed.rows()).containsExactly(framed.ids().length - 1);
        Context bare = contexts(last.withoutSpecial()).get(0);
        assertThat(bare.rows()).containsExactly(bare.ids().length - 2);
    }
}
