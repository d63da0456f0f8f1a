package org.lens4j.analysis.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.lens4j.Lens;
import org.lens4j.analysis.Grid;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.Hooks;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.Tokens;
import org.lens4j.train.english.RepeatedWords;
import org.lens4j.train.english.SyntheticEnglish;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HeadDetectorTest {
    private static final HeadPattern INDUCTION = HeadPattern.named("induction_head");

    private final HookedTransformer model = Lens.load("demo");
    private final Tokens one = Tokens.of(new long[] {9, 5, 7, 3, 5, 7, 7});
    private final Tokens two = Tokens.of(new long[] {9, 2, 2, 3, 4, 3});

    @AfterAll
    void close() {
        model.close();
    }

    /** Random words that the embedded model has seen as words, a block of them twice. */
    private Tokens repeated() {
        List<Integer> words = SyntheticEnglish.standard().probedKinds().stream()
                .filter(RepeatedWords.class::isInstance)
                .flatMap(kind -> ((RepeatedWords) kind).pool().stream())
                .map(word -> model.tokenizer().encode(" " + word))
                .filter(ids -> ids.length == 1)
                .map(ids -> (int) ids[0])
                .toList();
        return RepeatedTokens.random(model.config(), words, 8, 40, 3);
    }

    @Test
    void the_induction_head_it_finds_is_the_one_whose_ablation_destroys_the_repeated_sequence() {
        Tokens repeated = repeated();
        Grid scores = HeadDetector.detect(model, repeated, INDUCTION, DetectOptions.defaults());
        int nHeads = model.config().nHeads();
        double intact = repeatedLoss(repeated, Hooks.none());
        int bestScore = 0;
        int worstLoss = 0;
        double[] losses = new double[scores.values().length];
        for (int i = 0; i < losses.length; i++) {
            losses[i] = repeatedLoss(repeated, without(i / nHeads, i % nHeads));
            bestScore = scores.values()[i] > scores.values()[bestScore] ? i : bestScore;
            worstLoss = losses[i] > losses[worstLoss] ? i : worstLoss;
        }
        System.out.printf(
                "induction head L%dH%d, score %.3f: loss on repeated tokens %.3f, without it %.3f%n",
                bestScore / nHeads, bestScore % nHeads, scores.values()[bestScore], intact, losses[bestScore]);
        assertThat(bestScore).isEqualTo(worstLoss);
        assertThat(losses[bestScore]).isGreaterThan(10 * intact);
    }

    private static Hooks without(int layer, int head) {
        return Hooks.none().change("blocks.%d.attn.hook_z".formatted(layer), (z, at) -> {
            try (NDArray part = z.get(":, :, {}", head);
                    NDArray zeros = part.zerosLike()) {
                z.set(new NDIndex(":, :, {}", head), zeros);
            }
        });
    }

    /** The mean surprise at tokens that follow the same token as before. */
    private double repeatedLoss(Tokens tokens, Hooks hooks) {
        try (Run run = model.runWithHooks(tokens, hooks);
                Scope scope = Scope.root()) {
            NDArray ids = tokens.tensor(scope);
            NDArray loss = scope.adopt(Kernels.call("next_token_loss", run.logits(), ids));
            NDArray where = Kernels.call("repeated_pairs", ids);
            return Kernels.call("masked_mean", loss, where).getFloat();
        }
    }

    @Test
    void several_prompts_give_the_mean_and_keep_every_option() {
        DetectOptions options = DetectOptions.defaults().withoutBos().withoutCurrentToken();
        for (DetectOptions.Measure measure : List.of(DetectOptions.Measure.MUL, DetectOptions.Measure.ABS)) {
            Grid both = HeadDetector.detect(model, List.of(one, two), INDUCTION, options.with(measure));
            Grid first = HeadDetector.detect(model, one, INDUCTION, options.with(measure));
            Grid second = HeadDetector.detect(model, two, INDUCTION, options.with(measure));
            Grid plain = HeadDetector.detect(
                    model, one, INDUCTION, DetectOptions.defaults().with(measure));
            assertThat(both.at(1, 1)).isCloseTo((first.at(1, 1) + second.at(1, 1)) / 2, within(1e-5f));
            assertThat(first.at(1, 1)).isNotEqualTo(plain.at(1, 1));
        }
    }

    @Test
    void only_heads_that_are_asked_for_have_a_score() {
        DetectOptions.Head head = new DetectOptions.Head(1, 1);
        Grid all = HeadDetector.detect(model, one, INDUCTION, DetectOptions.defaults());
        Grid some = HeadDetector.detect(
                model, one, INDUCTION, DetectOptions.defaults().withHeads(head));
        assertThat(some.at(1, 1)).isEqualTo(all.at(1, 1));
        assertThat(some.at(1, 0)).isNaN();
        assertThatThrownBy(() -> HeadDetector.detect(
                        model, one, INDUCTION, DetectOptions.defaults().withHeads(new DetectOptions.Head(0, 99))))
                .isInstanceOf(RangeException.class)
                .hasMessageStartingWith("demo has no head 99");
    }

    @Test
    void a_drawn_pattern_is_compared_with_as_the_named_one_is() {
        HeadPattern previous = HeadPattern.custom(new float[] {0, 0, 0}, new float[] {1, 0, 0}, new float[] {0, 1, 0});
        Tokens tokens = Tokens.of(new long[] {9, 5, 7});
        DetectOptions options = DetectOptions.defaults();
        assertThat(HeadDetector.detect(model, tokens, previous, options).values())
                .isEqualTo(HeadDetector.detect(model, tokens, HeadPattern.named("previous"), options)
                        .values());
    }

    @Test
    void patterns_that_no_head_can_have_are_refused() {
        assertThatThrownBy(() -> HeadPattern.custom(new float[] {0, 1}, new float[] {1, 0}))
                .isInstanceOf(UsageException.class)
                .hasMessage(
                        "The pattern asks query 0 to look at key 1, which comes after it. Put 0 above the diagonal.");
        assertThatThrownBy(() -> HeadPattern.custom(new float[] {0}, new float[] {1, 0}))
                .isInstanceOf(ShapeException.class)
                .hasMessage("A pattern for 2 queries has 1 keys in row 0. Give a square: one row and one column for"
                        + " each token.");
        HeadPattern small = HeadPattern.custom(new float[] {0, 0}, new float[] {0.5f, 0});
        assertThatThrownBy(() -> HeadDetector.detect(model, one, small, DetectOptions.defaults()))
                .hasMessage("The pattern is for 2 tokens, and the text has 7. Draw one for each length.");
        Tokens pair = Tokens.of(new long[] {1, 2});
        assertThatThrownBy(() -> HeadDetector.detect(model, pair, small, DetectOptions.defaults()))
                .hasMessage("The pattern has the number 0.5, and the measure MUL knows only 0 and 1. Use Measure.ABS.");
        assertThat(HeadDetector.detect(
                                model, pair, small, DetectOptions.defaults().with(DetectOptions.Measure.ABS))
                        .rank())
                .isEqualTo(2);
        assertThatThrownBy(() -> HeadPattern.named("inductive_head"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageStartingWith(
                        "Unknown kind of head \"inductive_head\" in the detector. Closest of 3: induction_head,");
    }

    @Test
    void padding_and_an_empty_list_are_refused() {
        Tokens padded = Tokens.padded(PaddingSide.LEFT, 0, new long[] {1, 2, 3}, new long[] {1, 2});
        assertThatThrownBy(() -> HeadDetector.detect(model, padded, INDUCTION, DetectOptions.defaults()))
                .hasMessage("Prompt 1 has padding at position 0, where no head attends. Give prompts of different"
                        + " lengths as a list.");
        assertThatThrownBy(() -> HeadDetector.detect(model, List.of(), INDUCTION, DetectOptions.defaults()))
                .hasMessage("There are no prompts, so no head attends anywhere. Give at least one.");
    }

    @Test
    void the_three_kinds_stand_in_one_grid() {
        Grid all = HeadScores.all(model, repeated());
        assertThat(all.axes().get(0).labels()).containsExactly("previous", "duplicate", "induction");
        assertThat(all.slice("kind", 2).values())
                .isEqualTo(HeadScores.induction(model, repeated()).values());
    }
}
