package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.lens4j.Fixtures;
import org.lens4j.RandomModel;
import org.lens4j.analysis.parity.Difference;
import org.lens4j.config.Attention;
import org.lens4j.config.AttentionSpan;
import org.lens4j.config.PositionEmbedding;
import org.lens4j.hook.Hooks;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.Tokens;

/** Two ways to compute the same logits give the same logits, whatever the model's shape. */
class ForwardLawsTest {
    private static final String SEED = "20";
    private static final int TRIES = 40;

    @Provide
    Arbitrary<RandomModel> models() {
        return RandomModel.any();
    }

    @Provide
    Arbitrary<RandomModel> causal() {
        return RandomModel.any(config -> config.attention().causal());
    }

    @Provide
    Arbitrary<RandomModel> grouped() {
        return RandomModel.any(config -> config.attention().grouped());
    }

    @Provide
    Arbitrary<RandomModel> rotating() {
        return RandomModel.any(config -> config.positions() instanceof PositionEmbedding.Rotary);
    }

    private static void assertSame(float[] expected, float[] actual, RandomModel model) {
        assertThat(actual).hasSameSizeAs(expected);
        assertThat(Difference.of(expected, actual).relative())
                .as(model.toString())
                .isLessThan(RandomModel.TOLERANCE);
    }

    /** One sequence's logits at its own positions, {@code [pos * d_vocab]}. */
    private static float[] part(float[] logits, RandomModel model, int row, int rowLength, int from, int count) {
        int width = model.config().dVocabOut();
        int start = (row * rowLength + from) * width;
        return Arrays.copyOfRange(logits, start, start + count * width);
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void grouped_heads_compute_what_heads_with_their_own_keys_compute(@ForAll("grouped") RandomModel random) {
        try (HookedTransformer model = random.open()) {
            Tokens tokens = random.tokens();
            float[] expected = RandomModel.logits(model, tokens, RunOptions.defaults());
            RunOptions ungrouped = RunOptions.defaults().withUngroupedGqa();
            assertSame(expected, RandomModel.logits(model, tokens, ungrouped), random);
            assertSame(expected, RandomModel.logits(model, tokens, ungrouped.withSplitQkvInput()), random);
            assertSame(expected, RandomModel.logits(model, tokens, ungrouped.withAttnIn()), random);
            RunOptions everything = ungrouped.withAttnIn().withSplitQkvInput().withAttnResult();
            assertSame(expected, RandomModel.logits(model, tokens, everything), random);
        }
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void switches_leave_the_logits(@ForAll("models") RandomModel random) {
        try (HookedTransformer model = random.open()) {
            Tokens tokens = random.tokens();
            float[] expected = RandomModel.logits(model, tokens, RunOptions.defaults());
            RunOptions all = RunOptions.defaults();
            List<RunOptions> switched = List.of(
                    all.withSplitQkvInput(),
                    all.withAttnResult(),
                    all.withMlpIn(),
                    all.withTokens(),
                    all.withUngroupedGqa(),
                    all.withSplitQkvInput().withAttnResult().withMlpIn().withTokens());
            for (RunOptions options : switched) {
                assertSame(expected, RandomModel.logits(model, tokens, options), random);
            }
            if (!random.config().attention().grouped()) {
                assertSame(expected, RandomModel.logits(model, tokens, all.withAttnIn()), random);
                assertSame(
                        expected,
                        RandomModel.logits(model, tokens, all.withAttnIn().withSplitQkvInput()),
                        random);
            }
        }
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void padding_on_either_side_leaves_every_sequence_as_it_is_alone(@ForAll("models") RandomModel random) {
        Random dice = random.dice();
        long[] longer = random.ids(4 + dice.nextInt(6), dice);
        long[] shorter = random.ids(1 + dice.nextInt(longer.length - 1), dice);
        int gap = longer.length - shorter.length;
        try (HookedTransformer model = random.open()) {
            RunOptions options = RunOptions.defaults();
            float[] first = RandomModel.logits(model, Tokens.of(longer), options);
            float[] second = RandomModel.logits(model, Tokens.of(shorter), options);
            for (PaddingSide side : PaddingSide.values()) {
                float[] both = RandomModel.logits(model, Tokens.padded(side, 3, longer, shorter), options);
                int from = side == PaddingSide.LEFT ? gap : 0;
                assertSame(first, part(both, random, 0, longer.length, 0, longer.length), random);
                assertSame(second, part(both, random, 1, longer.length, from, shorter.length), random);
            }
        }
    }

    /** The logits of a text read in pieces, joined again. */
    private static float[] inPieces(HookedTransformer model, RandomModel random, Tokens tokens, List<Integer> cuts) {
        int width = random.config().dVocabOut();
        float[] joined = new float[tokens.batch() * tokens.pos() * width];
        try (KvCache past = new KvCache()) {
            int from = 0;
            for (int to : cuts) {
                float[] piece = RandomModel.logits(
                        model, slice(tokens, from, to), RunOptions.defaults().withPast(past));
                int length = (to - from) * width;
                for (int row = 0; row < tokens.batch(); row++) {
                    System.arraycopy(piece, row * length, joined, (row * tokens.pos() + from) * width, length);
                }
                from = to;
            }
        }
        return joined;
    }

    private static Tokens slice(Tokens tokens, int from, int to) {
        long[][] ids = new long[tokens.batch()][];
        boolean[][] attended = new boolean[tokens.batch()][to - from];
        for (int row = 0; row < ids.length; row++) {
            ids[row] = tokens.ids(row).subList(from, to).stream()
                    .mapToLong(Long::longValue)
                    .toArray();
            for (int pos = from; pos < to; pos++) {
                attended[row][pos - from] = tokens.isAttended(row, pos);
            }
        }
        return Tokens.of(ids).withAttended(attended);
    }

    /** Ends of one to four pieces. */
    private static List<Integer> cuts(int length, Random dice) {
        List<Integer> cuts = new ArrayList<>(dice.ints(dice.nextInt(4), 1, length)
                .sorted()
                .distinct()
                .boxed()
                .toList());
        cuts.add(length);
        return cuts;
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void a_text_read_in_pieces_is_the_text_read_at_once(@ForAll("causal") RandomModel random) {
        Random dice = random.dice();
        long[] longer = random.ids(4 + dice.nextInt(8), dice);
        long[] shorter = random.ids(1 + dice.nextInt(longer.length), dice);
        try (HookedTransformer model = random.open()) {
            Tokens two = Tokens.of(longer, random.ids(longer.length, dice));
            float[] expected = RandomModel.logits(model, two, RunOptions.defaults());
            assertSame(expected, inPieces(model, random, two, cuts(longer.length, dice)), random);
            int from = longer.length - shorter.length;
            Tokens padded = Tokens.padded(PaddingSide.LEFT, 3, longer, shorter);
            float[] pieces = inPieces(model, random, padded, cuts(longer.length, dice));
            float[] alone = RandomModel.logits(model, Tokens.of(shorter), RunOptions.defaults());
            assertSame(alone, part(pieces, random, 1, longer.length, from, shorter.length), random);
        }
    }

    /** The shorter text is padded on the right before it goes on: padding then stands between its tokens. */
    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void texts_of_different_lengths_go_on_as_each_does_alone(@ForAll("causal") RandomModel random) {
        Random dice = random.dice();
        long[] longer = random.ids(2 + dice.nextInt(5), dice);
        long[] shorter = random.ids(1 + dice.nextInt(longer.length - 1), dice);
        long[][] more = {random.ids(3, dice), random.ids(3, dice)};
        try (HookedTransformer model = random.open();
                KvCache past = new KvCache()) {
            RunOptions remembering = RunOptions.defaults().withPast(past);
            model.run(Tokens.padded(PaddingSide.RIGHT, 3, longer, shorter), remembering)
                    .close();
            float[] both = RandomModel.logits(model, Tokens.of(more), remembering);
            for (int row = 0; row < 2; row++) {
                long[] first = row == 0 ? longer : shorter;
                long[] whole = LongStream.concat(LongStream.of(first), LongStream.of(more[row]))
                        .toArray();
                float[] alone = RandomModel.logits(model, Tokens.of(whole), RunOptions.defaults());
                assertSame(part(alone, random, 0, 0, first.length, 3), part(both, random, row, 3, 0, 3), random);
            }
        }
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void a_later_token_changes_nothing_earlier(@ForAll("causal") RandomModel random) {
        Random dice = random.dice();
        long[] text = random.ids(3 + dice.nextInt(8), dice);
        int at = 1 + dice.nextInt(text.length - 1);
        long[] other = text.clone();
        other[at] = (other[at] + 1) % random.config().dVocab();
        try (HookedTransformer model = random.open()) {
            float[] one = RandomModel.logits(model, Tokens.of(text), RunOptions.defaults());
            float[] two = RandomModel.logits(model, Tokens.of(other), RunOptions.defaults());
            assertSame(part(one, random, 0, 0, 0, at), part(two, random, 0, 0, 0, at), random);
            assertThat(part(two, random, 0, 0, at, 1)).isNotEqualTo(part(one, random, 0, 0, at, 1));
        }
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void a_window_hides_what_no_chain_of_layers_reaches(@ForAll("causal") RandomModel random) {
        int reach = random.config().spans().stream()
                .mapToInt(span -> span instanceof AttentionSpan.Local local ? local.window() - 1 : 100)
                .sum();
        Random dice = random.dice();
        long[] text = random.ids(12, dice);
        long[] other = text.clone();
        other[0] = (other[0] + 1) % random.config().dVocab();
        int first = Math.min(text.length, reach + 1);
        try (HookedTransformer model = random.open()) {
            float[] one = RandomModel.logits(model, Tokens.of(text), RunOptions.defaults());
            float[] two = RandomModel.logits(model, Tokens.of(other), RunOptions.defaults());
            int count = text.length - first;
            assertSame(part(one, random, 0, 0, first, count), part(two, random, 0, 0, first, count), random);
        }
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void an_edit_that_changes_nothing_changes_nothing(@ForAll("models") RandomModel random) {
        try (HookedTransformer model = random.open()) {
            Tokens tokens = random.tokens();
            RunOptions options =
                    RunOptions.defaults().withSplitQkvInput().withAttnResult().withMlpIn();
            Hooks identity = Hooks.none().edit("*", (x, at) -> x);
            Fixtures.assertSame(
                    random.toString(),
                    RandomModel.logits(model, tokens, options),
                    RandomModel.logits(model, tokens, options.withHooks(identity)));
        }
    }

    /** Scores of queries and keys that stand somewhere, {@code [head query_pos key_pos]}. */
    private static float[] scores(PositionEmbedding.Rotary rotary, Scope scope, RandomModel random, int first) {
        Attention heads = random.config().attention();
        Random dice = random.dice();
        int pos = 5;
        Shape shape = new Shape(1, pos, heads.nHeads(), heads.dHead());
        float[] q = new float[Math.toIntExact(shape.size())];
        float[] k = new float[q.length];
        long[] positions = new long[pos];
        Arrays.setAll(positions, i -> first + i);
        for (int i = 0; i < q.length; i++) {
            q[i] = (float) dice.nextGaussian();
            k[i] = (float) dice.nextGaussian();
        }
        NDArray frequencies = new Constants(random.config(), scope).frequencies(rotary);
        NDArray turns = Kernels.call("turns", scope.longs(positions, new Shape(1, pos)), frequencies);
        String kernel = rotary.adjacentPairs() ? "rotate_adjacent" : "rotate_halves";
        NDArray queries = Kernels.call(kernel, scope.floats(q, shape), turns);
        NDArray keys = Kernels.call(kernel, scope.floats(k, shape), turns);
        return Kernels.call("attn_scores", queries, keys, scope.scalar(1f)).toFloatArray();
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void rotated_scores_depend_only_on_distance(@ForAll("rotating") RandomModel random) {
        for (AttentionSpan span : random.config().spans()) {
            PositionEmbedding.Rotary rotary =
                    ((PositionEmbedding.Rotary) random.config().positions()).in(span);
            try (Scope scope = Scope.root()) {
                assertSame(scores(rotary, scope, random, 0), scores(rotary, scope, random, 37), random);
            }
        }
    }
}
