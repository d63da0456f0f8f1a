package org.lens4j.harvest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
            for (Optional<Batch> batch = contexts.next(); batch.isPresent(); batch = contexts.next()) {
                all.addAll(batch.get().contexts());
            }
        }
        return all;
    }

    @Test
    void every_piece_stands_in_the_frame_and_all_pieces_are_the_text() throws IOException {
        Tokenizer tokenizer = DEMO.hooked().tokenizer();
        List<Context> contexts = contexts(Harvests.small()).stream()
                .sorted(Comparator.comparingInt(Context::index))
                .toList();
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

    /** Every place of a harvest, and what comes from there on. */
    private static List<Batch> batches(Corpus corpus, Place from) throws IOException {
        List<Batch> all = new ArrayList<>();
        HarvestOptions options = HarvestOptions.of(Harvests.RESID).withBatch(3);
        try (CorpusReader reader = CorpusReader.open(corpus, from.offset(), from.document())) {
            Contexts contexts = new Contexts(reader, DEMO.hooked().tokenizer(), FRAME, options, 12, from);
            for (Optional<Batch> next = contexts.next(); next.isPresent(); next = contexts.next()) {
                all.add(next.get());
            }
            long tokens = all.stream().mapToLong(Batch::tokens).sum();
            // Those before the window are counted, and those of it that were skipped.
            assertThat(contexts.run()).isGreaterThanOrEqualTo(tokens);
            assertThat(contexts.ahead()).isZero();
        }
        return all;
    }

    private static List<List<Long>> ids(List<Batch> batches) {
        return batches.stream()
                .flatMap(it -> it.contexts().stream())
                .map(it -> Arrays.stream(it.ids()).boxed().toList())
                .toList();
    }

    @Test
    void what_follows_from_any_batch_is_the_same_whether_one_read_there_or_began_there() throws IOException {
        Corpus corpus = Corpus.of(Harvests.corpus(folder, 200, 30));
        List<Batch> whole = batches(corpus, Place.START);
        assertThat(whole).hasSizeGreaterThan(2 * Contexts.WINDOW);
        for (int i = 0; i < whole.size(); i++) {
            List<Batch> rest = batches(corpus, whole.get(i).place());
            assertThat(ids(rest)).isEqualTo(ids(whole.subList(i, whole.size())));
            assertThat(rest.stream().map(Batch::place))
                    .isEqualTo(whole.subList(i, whole.size()).stream()
                            .map(Batch::place)
                            .toList());
        }
    }

    @Test
    void contexts_of_like_length_run_together_and_none_is_lost() throws IOException {
        Corpus corpus = Corpus.of(Harvests.corpus(folder, 200, 30));
        List<Batch> batches = batches(corpus, Place.START);
        long padded = batches.stream()
                .mapToLong(it -> (long) it.contexts().size()
                        * it.contexts().stream()
                                .mapToInt(context -> context.ids().length)
                                .max()
                                .orElseThrow())
                .sum();
        long tokens = batches.stream().mapToLong(Batch::tokens).sum();
        assertThat(padded - tokens).as("padding of %d tokens", tokens).isLessThan(tokens / 20);
        // Each piece of each line once.
        List<List<Long>> places = batches.stream()
                .flatMap(it -> it.contexts().stream())
                .map(it -> List.of(it.document(), (long) it.index()))
                .toList();
        assertThat(places).doesNotHaveDuplicates();
        Map<Long, Long> pieces = places.stream()
                .collect(java.util.stream.Collectors.groupingBy(
                        it -> it.get(0), java.util.stream.Collectors.counting()));
        places.forEach(it -> assertThat(it.get(1))
                .isLessThan(Optional.ofNullable(pieces.get(it.get(0))).orElse(0L)));
        assertThat(pieces).hasSize((int) Files.readAllLines(corpus.file()).stream()
                .filter(line -> !line.isBlank())
                .count());
    }
}
