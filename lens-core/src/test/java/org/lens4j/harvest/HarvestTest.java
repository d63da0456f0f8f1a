package org.lens4j.harvest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.RangeException;
import org.lens4j.error.StateException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.Gate;
import org.lens4j.hook.Hooks;
import org.lens4j.load.Pretrained;
import org.lens4j.model.Attachment;
import org.lens4j.model.ComputeType;
import org.lens4j.model.RunOptions;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;
import org.lens4j.weights.FloatReader;
import org.lens4j.weights.Safetensors;
import org.lens4j.weights.StoredType;

class HarvestTest implements HarvestFolder {
    /** Padding and batches change the order of float32 sums, nothing else; of numbers up to a hundred. */
    private static final float ROUNDING = 1e-3f;
    /** Half precision keeps 11 bits. */
    private static final float HALF = 1f / 2048;

    private static final Pretrained DEMO = Harvests.demo();

    @TempDir
    Path folder;

    @AfterAll
    static void close() {
        DEMO.hooked().close();
    }

    @Override
    public Pretrained demo() {
        return DEMO;
    }

    @Override
    public Path folder() {
        return folder;
    }

    /** What one context is by itself. */
    private static float[] alone(long[] ids, String hook) {
        try (ActivationCache cache = DEMO.hooked()
                .cache(Tokens.of(ids), RunOptions.defaults().withAttnResult().withCached(hook))) {
            return cache.get(hook).toFloatArray();
        }
    }

    /** The contexts of a document as they are to be fed. */
    private static List<long[]> contexts(String text, int context) {
        long[] ids = DEMO.hooked().tokenizer().encode(text);
        int bos = DEMO.hooked().config().bosTokenId();
        List<long[]> contexts = new ArrayList<>();
        for (int from = 0; from < ids.length; from += context - 1) {
            long[] piece = Arrays.copyOfRange(ids, from, Math.min(ids.length, from + context - 1));
            contexts.add(
                    LongStream.concat(LongStream.of(bos), LongStream.of(piece)).toArray());
        }
        return contexts;
    }

    @Test
    void rows_are_what_a_cache_of_the_same_context_holds() throws IOException {
        Path corpus = Harvests.corpus(folder, 25, 30);
        HarvestOptions options = HarvestOptions.of("blocks.*.hook_resid_post", "blocks.0.attn.hook_z")
                .withBatch(4)
                .withContext(10)
                .withShardRows(50);
        Harvested done = harvest(corpus, options);
        List<String> lines = Files.readAllLines(corpus);
        for (String hook : done.index().hooks()) {
            float[] rows = inOrder(done, Harvests.floats(done.directory(), hook));
            int at = 0;
            for (String line : lines) {
                for (long[] context : line.isBlank() ? List.<long[]>of() : contexts(line, 10)) {
                    float[] expected = alone(context, hook);
                    assertThat(Arrays.copyOfRange(rows, at, at + expected.length))
                            .as(hook)
                            .containsExactly(expected, within(ROUNDING));
                    at += expected.length;
                }
            }
            assertThat(rows).hasSize(at);
        }
    }

    @Test
    void the_index_says_which_token_of_which_line_a_row_is() throws IOException {
        Path corpus = written("c.txt", "When Mary and John\n\n  \r\nParis is the capital of France\r\nto the store");
        Harvested done = harvest(corpus, Harvests.small().withContext(4));
        List<String> lines = Files.readAllLines(corpus);
        List<List<Long>> expected = new ArrayList<>();
        for (int line : new int[] {0, 3, 4}) {
            List<long[]> contexts = contexts(lines.get(line), 4);
            for (int piece = 0; piece < contexts.size(); piece++) {
                for (int pos = 0; pos < contexts.get(piece).length; pos++) {
                    expected.add(List.of((long) line, (long) piece, (long) pos, contexts.get(piece)[pos]));
                }
            }
        }
        List<List<Long>> keys = Harvests.keys(done);
        assertThat(keys.stream().sorted(CORPUS)).isEqualTo(expected);
        // A context's rows stay together: only contexts change places, to run with others of their length.
        for (int row = 1; row < keys.size(); row++) {
            long position = keys.get(row).get(2);
            assertThat(position).isIn(0L, keys.get(row - 1).get(2) + 1);
        }
    }

    /** Keys of rows as the corpus has them. */
    private static final Comparator<List<Long>> CORPUS = Comparator.<List<Long>>comparingLong(it -> it.get(0))
            .thenComparingLong(it -> it.get(1))
            .thenComparingLong(it -> it.get(2));

    /** Rows as the corpus has them. */
    private static float[] inOrder(Harvested done, float[] rows) throws IOException {
        List<List<Long>> keys = Harvests.keys(done);
        int width = rows.length / keys.size();
        List<Integer> order = IntStream.range(0, keys.size())
                .boxed()
                .sorted((a, b) -> CORPUS.compare(keys.get(a), keys.get(b)))
                .toList();
        float[] ordered = new float[rows.length];
        for (int row = 0; row < order.size(); row++) {
            System.arraycopy(rows, order.get(row) * width, ordered, row * width, width);
        }
        return ordered;
    }

    @Test
    void every_file_but_the_last_has_the_rows_asked_for() throws IOException {
        Harvested done = harvest(Harvests.corpus(folder, 40, 20), Harvests.small());
        List<Long> rows =
                done.index().shards().stream().map(HarvestIndex.Shard::rows).toList();
        assertThat(rows.size()).isGreaterThan(2);
        assertThat(rows.subList(0, rows.size() - 1)).containsOnly(64L);
        for (int i = 0; i < rows.size(); i++) {
            assertThat(Harvests.files(done.directory())
                            .get(i)
                            .entry(Harvests.RESID)
                            .shape())
                    .containsExactly(rows.get(i), (long) DEMO.hooked().config().dModel());
        }
        try (var files = Files.list(done.directory())) {
            assertThat(files.map(it -> it.getFileName().toString()).filter(it -> !it.startsWith("shard-0000")))
                    .containsExactlyInAnyOrder("harvest.json", "harvest.lock");
        }
    }

    @Test
    void heads_lie_one_after_the_other_in_a_row() throws IOException {
        String result = "blocks.0.attn.hook_result";
        Path corpus = written("c.txt", "When Mary and John");
        Harvested done =
                harvest(corpus, HarvestOptions.of(result).with(Gate.ATTN_RESULT).withContext(20));
        int width = DEMO.hooked().config().nHeads() * DEMO.hooked().config().dModel();
        assertThat(Harvests.files(done.directory()).get(0).entry(result).shape().get(1))
                .isEqualTo(width);
        assertThat(Harvests.floats(done.directory(), result))
                .containsExactly(alone(contexts("When Mary and John", 20).get(0), result), within(ROUNDING));
    }

    @Test
    void the_last_position_is_the_end_of_each_document() throws IOException {
        Path corpus = Harvests.corpus(folder, 20, 30);
        Harvested done = harvest(corpus, Harvests.small().withPositions(new Positions.Last()));
        long[] documents = Harvests.longs(done.directory(), "document");
        float[] rows = Harvests.floats(done.directory(), Harvests.RESID);
        int width = DEMO.hooked().config().dModel();
        List<String> lines = Files.readAllLines(corpus);
        assertThat(documents)
                .hasSize((int) lines.stream().filter(it -> !it.isBlank()).count());
        for (int row = 0; row < documents.length; row++) {
            List<long[]> contexts = contexts(lines.get((int) documents[row]), 10);
            float[] last = alone(contexts.get(contexts.size() - 1), Harvests.RESID);
            assertThat(Arrays.copyOfRange(rows, row * width, (row + 1) * width))
                    .containsExactly(Arrays.copyOfRange(last, last.length - width, last.length), within(ROUNDING));
        }
    }

    @Test
    void a_sample_has_so_many_rows_of_each_document_and_they_are_rows_of_the_whole() throws IOException {
        Path corpus = Harvests.corpus(folder, 30, 40);
        Harvested whole = harvest(corpus, Harvests.small(), "whole");
        Harvested some = harvest(corpus, Harvests.small().withPositions(new Positions.Sample(5, 3)), "some");
        Harvested others = harvest(corpus, Harvests.small().withPositions(new Positions.Sample(5, 4)), "others");
        List<List<Long>> all = Harvests.keys(whole);
        List<List<Long>> drawn = Harvests.keys(some);
        assertThat(all).containsAll(drawn);
        assertThat(drawn).doesNotHaveDuplicates().isNotEqualTo(Harvests.keys(others));
        all.stream()
                .collect(Collectors.groupingBy(it -> it.get(0), Collectors.counting()))
                .forEach((document, count) -> assertThat(
                                drawn.stream().filter(it -> it.get(0).equals(document)))
                        .hasSize((int) Math.min(5, count)));
        float[] wholeRows = Harvests.floats(whole.directory(), Harvests.RESID);
        float[] drawnRows = Harvests.floats(some.directory(), Harvests.RESID);
        int width = DEMO.hooked().config().dModel();
        for (int row = 0; row < drawn.size(); row++) {
            int there = all.indexOf(drawn.get(row)) * width;
            assertThat(Arrays.copyOfRange(drawnRows, row * width, (row + 1) * width))
                    .containsExactly(Arrays.copyOfRange(wholeRows, there, there + width), within(ROUNDING));
        }
    }

    @Test
    void a_sample_of_a_document_does_not_depend_on_the_others() {
        Positions sample = new Positions.Sample(4, 11);
        Set<List<Integer>> draws = new TreeSet<>((a, b) -> a.toString().compareTo(b.toString()));
        for (long document = 0; document < 50; document++) {
            int[] drawn = sample.of(document, 100);
            assertThat(drawn).hasSize(4).isSorted().doesNotHaveDuplicates().containsExactly(sample.of(document, 100));
            draws.add(Arrays.stream(drawn).boxed().toList());
        }
        assertThat(draws).hasSize(50);
    }

    @Test
    void special_tokens_are_left_out_on_request_and_still_fed() throws IOException {
        Path corpus = Harvests.corpus(folder, 10, 25);
        List<List<Long>> all = Harvests.keys(harvest(corpus, Harvests.small(), "all"));
        List<List<Long>> without =
                Harvests.keys(harvest(corpus, Harvests.small().withoutSpecial(), "without"));
        assertThat(without).isEqualTo(all.stream().filter(it -> it.get(2) > 0).toList());
    }

    @Test
    void half_precision_is_the_nearest_half() throws IOException {
        Path corpus = Harvests.corpus(folder, 10, 25);
        Harvested single = harvest(corpus, Harvests.small(), "single");
        Harvested half = harvest(corpus, Harvests.small().withPrecision(Precision.FLOAT16), "half");
        List<Safetensors> singles = Harvests.files(single.directory());
        List<Safetensors> halves = Harvests.files(half.directory());
        for (int i = 0; i < singles.size(); i++) {
            assertThat(halves.get(i).entry(Harvests.RESID).type()).isEqualTo(StoredType.F16);
            float[] exact = new float[(int) singles.get(i).entry(Harvests.RESID).count()];
            singles.get(i).bytes(Harvests.RESID).asFloatBuffer().get(exact);
            try (Scope scope = Scope.root()) {
                NDArray read = FloatReader.read(halves.get(i), Harvests.RESID, scope);
                float[] rounded = read.toFloatArray();
                for (int j = 0; j < exact.length; j++) {
                    assertThat(rounded[j]).isCloseTo(exact[j], within(Math.abs(exact[j]) * HALF + 1e-7f));
                }
            }
        }
    }

    @Test
    void a_limit_ends_with_the_context_that_reaches_it() throws IOException {
        Path corpus = Harvests.corpus(folder, 60, 30);
        List<List<Long>> all = Harvests.keys(harvest(corpus, Harvests.small(), "all")).stream()
                .sorted(CORPUS)
                .toList();
        List<List<Long>> some = Harvests.keys(harvest(corpus, Harvests.small().withLimit(100), "some")).stream()
                .sorted(CORPUS)
                .toList();
        assertThat(some).hasSizeBetween(100, 109).isEqualTo(all.subList(0, some.size()));
        assertThat(all.get(some.size()).get(2)).as("position of the row behind").isZero();
    }

    @Test
    void attention_patterns_are_refused_with_the_reason() throws IOException {
        Path corpus = written("c.txt", "When Mary");
        assertThatThrownBy(() -> harvest(corpus, HarvestOptions.of("blocks.0.attn.hook_pattern")))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "blocks.0.attn.hook_pattern [batch head query_pos key_pos] cannot be harvested: a token's row would be as long as its context, so rows would differ in length. lens cache keeps patterns. Name hook points with a row of one length for each token, such as blocks.*.hook_resid_post.");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void a_closed_gate_an_unknown_name_and_ids_are_refused() throws IOException {
        Path corpus = written("c.txt", "When Mary");
        assertThatThrownBy(() -> harvest(corpus, HarvestOptions.of("blocks.0.attn.hook_result")))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "blocks.0.attn.hook_result is off unless it is asked for: it costs extra work. Turn it on: options.with(Gate.ATTN_RESULT).");
        assertThatThrownBy(() -> harvest(corpus, HarvestOptions.of("blocks.0.hook_resid_pst")))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("blocks.0.hook_resid_post");
        assertThatThrownBy(
                        () -> harvest(corpus, HarvestOptions.of("hook_tokens").with(Gate.TOKENS)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("it holds ids, and no activations");
    }

    @Test
    void a_context_the_model_cannot_read_is_refused() throws IOException {
        Path corpus = written("c.txt", "When Mary");
        int most = DEMO.hooked().config().nCtx();
        for (int context : new int[] {1, most + 1}) {
            assertThatThrownBy(() -> harvest(corpus, Harvests.small().withContext(context)))
                    .isInstanceOf(RangeException.class)
                    .hasMessage(
                            "A context of %d tokens does not fit demo, which reads 2 to %d: it puts 1 around a text. Choose one between.",
                            context, most);
        }
    }

    @Test
    void options_that_mean_nothing_are_refused() {
        assertThatThrownBy(() -> Harvests.small().withBatch(0))
                .hasMessage("A batch of 0 contexts holds nothing. Use 1 or more.");
        assertThatThrownBy(() -> HarvestOptions.of()).hasMessageContaining("needs at least one hook point");
        assertThatThrownBy(() -> Positions.parse("first", 0))
                .hasMessage(
                        "Positions \"first\" are none of all, last and sample:K (K tokens of each document). Write for example sample:8");
        assertThatThrownBy(() -> Precision.named("float8")).hasMessageContaining("Closest of 2: float16, float32.");
    }

    private static Hooks times(float factor) {
        return Hooks.none().edit("blocks.0.hook_resid_pre", (x, at) -> {
            NDArray scale = x.getManager().full(new Shape(1), factor, DataType.FLOAT32);
            return x.mul(scale);
        });
    }

    @Test
    void numbers_beyond_half_precision_stop_the_harvest_before_they_are_written() throws IOException {
        Path corpus = written("c.txt", "When Mary");
        try (Attachment loud = DEMO.hooked().attach(times(1e6f))) {
            assertThat(loud).isNotNull();
            assertThatThrownBy(() -> harvest(corpus, Harvests.small().withPrecision(Precision.FLOAT16)))
                    .isInstanceOf(StateException.class)
                    .hasMessageStartingWith(Harvests.RESID + " reaches ")
                    .hasMessageEndingWith(
                            " in documents 0 to 0, and float16 ends at 65504. The harvest stopped before it wrote infinity. Use float32, or leave out the tokens around a text (--no-special), which are often the cause.");
        }
        assertThat(HarvestIndex.read(folder.resolve("out")).orElseThrow().rows())
                .isZero();
    }

    @Test
    void infinity_is_never_written() throws IOException {
        Path corpus = written("c.txt", "When Mary");
        try (Attachment loud = DEMO.hooked().attach(times(Float.POSITIVE_INFINITY))) {
            assertThat(loud).isNotNull();
            assertThatThrownBy(() -> harvest(corpus, Harvests.small()))
                    .isInstanceOf(StateException.class)
                    .hasMessage(
                            "%s is not finite somewhere in documents 0 to 0: the model computed infinity or NaN there. The harvest stopped before it wrote that; look at those texts with lens cache.",
                            Harvests.RESID);
        }
    }

    @Test
    void bfloat16_makes_rows_that_are_close_and_says_how_close() throws IOException {
        Path corpus = Harvests.corpus(folder, 20, 12);
        Harvested exact = harvest(corpus, Harvests.small(), "exact");
        Harvested fast = harvest(corpus, Harvests.small().withCompute(ComputeType.BFLOAT16), "fast");
        assertThat(fast.index().rows()).isEqualTo(exact.index().rows());
        assertThat(exact.computeError()).isEmpty();
        assertThat(fast.computeError().orElseThrow()).startsWith("log-probabilities of ");
        assertThat(fast.toString()).contains(" In bfloat16, log-probabilities of ");
        assertThat(Files.readString(folder.resolve("fast").resolve(HarvestIndex.FILE)))
                .contains("\"compute\": \"bfloat16\"");
        assertThatThrownBy(() -> harvest(corpus, Harvests.small(), "fast"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("compute: bfloat16 there, none asked for");
    }
}
