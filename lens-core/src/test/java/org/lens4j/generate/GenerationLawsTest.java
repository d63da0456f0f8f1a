package org.lens4j.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.lens4j.RandomModel;
import org.lens4j.hook.Hooks;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.KvCache;
import org.lens4j.model.RunOptions;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.Tokens;

/** What holds of writing for any model whose positions see only what is before them. */
class GenerationLawsTest {
    private static final int TRIES = 40;
    private static final int NEW = 5;

    @Provide
    Arbitrary<RandomModel> writers() {
        return RandomModel.any(it ->
                it.attention().causal() && it.sizes().dVocab() == it.sizes().dVocabOut());
    }

    private static Generation write(HookedTransformer model, Tokens tokens, GenerateOptions options) {
        return Generation.of(model, tokens, options, GenerateListener.none());
    }

    /** The same tokens; only where two were nearly alike may rounding choose the other. */
    private static void assertSame(Generation one, Generation other, int row, int otherRow) {
        List<Long> ids = one.rows().get(row).ids();
        List<Long> others = other.rows().get(otherRow).ids();
        for (int step = 0; step < ids.size(); step++) {
            float logProb = one.logProbs().at(row, step);
            assertThat(other.logProbs().at(otherRow, step))
                    .as("step " + step)
                    .isCloseTo(logProb, org.assertj.core.data.Offset.offset(2e-3f * (1 + Math.abs(logProb))));
            if (!ids.get(step).equals(others.get(step))) {
                return;
            }
        }
        assertThat(others).isEqualTo(ids);
    }

    @Property(tries = TRIES, seed = "41", shrinking = ShrinkingMode.OFF)
    void remembering_changes_nothing(@ForAll("writers") RandomModel random) {
        try (HookedTransformer model = random.open()) {
            GenerateOptions options = GenerateOptions.of(NEW);
            Generation with = write(model, random.tokens(), options);
            Generation without = write(model, random.tokens(), options.withoutCache());
            assertSame(with, without, 0, 0);
            assertSame(with, without, 1, 1);
        }
    }

    @Property(tries = TRIES, seed = "41", shrinking = ShrinkingMode.OFF)
    void a_prompt_among_longer_ones_is_continued_as_by_itself(@ForAll("writers") RandomModel random) {
        Random dice = random.dice();
        long[] brief = random.ids(2, dice);
        long[] longer = random.ids(6, dice);
        try (HookedTransformer model = random.open()) {
            for (GenerateOptions options :
                    List.of(GenerateOptions.of(NEW), GenerateOptions.of(NEW).withoutCache())) {
                Generation alone = write(model, Tokens.of(brief), options);
                assertSame(alone, write(model, Tokens.padded(PaddingSide.LEFT, 0, brief, longer), options), 0, 0);
                assertSame(alone, write(model, Tokens.padded(PaddingSide.RIGHT, 3, longer, brief), options), 0, 1);
            }
        }
    }

    @Property(tries = TRIES, seed = "41", shrinking = ShrinkingMode.OFF)
    void the_greedy_token_is_the_likeliest_of_a_plain_run(@ForAll("writers") RandomModel random) {
        long[] prompt = random.ids(4, random.dice());
        try (HookedTransformer model = random.open()) {
            float[] logits = RandomModel.logits(model, Tokens.of(prompt), RunOptions.defaults());
            float[] last =
                    Arrays.copyOfRange(logits, logits.length - model.config().dVocabOut(), logits.length);
            int best = IntStream.range(0, last.length)
                    .reduce((a, b) -> last[b] > last[a] ? b : a)
                    .orElseThrow();
            Generation written = write(model, Tokens.of(prompt), GenerateOptions.of(1));
            float chosen = last[Math.toIntExact(written.rows().get(0).ids().get(0))];
            assertThat(chosen).isCloseTo(last[best], org.assertj.core.data.Offset.offset(1e-3f));
        }
    }

    @Property(tries = TRIES, seed = "41", shrinking = ShrinkingMode.OFF)
    void two_turns_with_one_past_equal_one_text(@ForAll("writers") RandomModel random) {
        Random dice = random.dice();
        long[] first = random.ids(3, dice);
        long[] second = random.ids(2, dice);
        GenerateOptions options = GenerateOptions.of(3).withoutEnd();
        try (HookedTransformer model = random.open();
                KvCache past = new KvCache()) {
            Generation opening = write(model, Tokens.of(first), options.withPast(past));
            assertThat(past.length()).isEqualTo(6);
            Generation answer = write(model, Tokens.of(second), options.withPast(past));
            List<Long> whole = new ArrayList<>(opening.tokens().ids(0));
            Arrays.stream(second).forEach(whole::add);
            long[] text = whole.stream().mapToLong(Long::longValue).toArray();
            assertSame(write(model, Tokens.of(text), options), answer, 0, 0);
        }
    }

    @Property(tries = TRIES, seed = "41", shrinking = ShrinkingMode.OFF)
    void steering_some_positions_is_the_same_with_and_without_remembering(@ForAll("writers") RandomModel random) {
        Random dice = random.dice();
        float[] direction = new float[random.config().dModel()];
        for (int i = 0; i < direction.length; i++) {
            direction[i] = (float) dice.nextGaussian();
        }
        Steering all = Steering.add("blocks.0.hook_resid_pre", direction, 1.5);
        Tokens prompts = Tokens.padded(PaddingSide.LEFT, 0, random.ids(2, dice), random.ids(5, dice));
        try (HookedTransformer model = random.open()) {
            for (Steering steering : List.of(all, all.at(1, -1), all.from(-1), all.from(3))) {
                GenerateOptions options = GenerateOptions.of(4).withSteering(steering);
                Generation with = write(model, prompts, options);
                Generation without = write(model, prompts, options.withoutCache());
                assertSame(with, without, 0, 0);
                assertSame(with, without, 1, 1);
            }
        }
    }

    @Property(tries = TRIES, seed = "41", shrinking = ShrinkingMode.OFF)
    void every_hook_point_fires_in_every_step(@ForAll("writers") RandomModel random) {
        List<String> steps = new ArrayList<>();
        List<String> embedded = new ArrayList<>();
        try (HookedTransformer model = random.open()) {
            String last = model.hooks().all().stream()
                    .filter(it -> org.lens4j.hook.HookCatalogue.isOpen(it, java.util.Set.of())
                            && !it.point().inExpert())
                    .reduce((a, b) -> b)
                    .orElseThrow()
                    .full();
            Hooks hooks = Hooks.none()
                    .observe(last, (x, at) -> steps.add(x.getShape().toString()))
                    .observe("hook_embed", (x, at) -> embedded.add(x.getShape().toString()));
            write(model, random.tokens(), GenerateOptions.of(3).withoutEnd().withHooks(hooks));
            assertThat(steps).as(last).hasSize(3);
            assertThat(embedded).hasSize(3);
            assertThat(embedded.get(0))
                    .contains(Integer.toString(random.tokens().pos()));
        }
    }
}
