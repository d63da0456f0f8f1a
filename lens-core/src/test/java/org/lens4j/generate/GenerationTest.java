package org.lens4j.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.index.NDIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lens4j.Fixtures;
import org.lens4j.Lens;
import org.lens4j.error.RangeException;
import org.lens4j.error.StateException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.hook.Hooks;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.KvCache;
import org.lens4j.model.Run;
import org.lens4j.text.Tokens;

/** The embedded model writes. */
class GenerationTest {
    private static final String PROMPT = "When Mary and John went to the store, John gave a drink to";

    private static HookedTransformer model;

    @BeforeAll
    static void load() {
        model = Lens.load("demo");
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static Generation write(String prompt, GenerateOptions options, GenerateListener listener) {
        return Generation.of(model, model.tokens(prompt), options, listener);
    }

    @Test
    void it_ends_with_the_text_and_the_ending_token_is_no_text() {
        Generation written = Generation.of(model, PROMPT, GenerateOptions.of(40));
        Generation.Row row = written.rows().get(0);
        assertThat(row.text()).startsWith(" Mary.").doesNotContain("endoftext");
        assertThat(row.prompt()).endsWith(PROMPT);
        assertThat(row.reason()).isEqualTo(StopReason.END_OF_TEXT);
        assertThat(row.ids().get(row.ids().size() - 1))
                .isEqualTo((long) model.config().eosTokenIds().get(0));
        assertThat(written.tokens().text(0)).isEqualTo(row.prompt() + row.text() + "<|endoftext|>");
        assertThat(written.logProbs().shape())
                .isEqualTo("[row=1 step=%d]".formatted(row.ids().size()));
        assertThat(written.logProbs().at(0, 0)).isBetween(-0.5f, 0f);
    }

    @Test
    void a_row_that_ended_is_filled_up_with_the_ending_token() {
        List<String> prompts = List.of(PROMPT, "The capital of France is");
        Generation both = Generation.of(model, prompts, GenerateOptions.of(12).withStop("Paris"));
        Generation.Row paris = both.rows().get(1);
        assertThat(paris.reason()).isEqualTo(StopReason.STOP_STRING);
        assertThat(paris.ids()).hasSize(1);
        int pos = both.tokens().pos();
        assertThat(both.tokens().ids(1).get(pos - 1))
                .isEqualTo((long) model.config().eosTokenIds().get(0));
        assertThat(both.tokens().isAttended(1, pos - 1)).isFalse();
        assertThat(both.logProbs().at(1, 1)).isNaN();
    }

    @Test
    void text_ends_before_a_stop_string_that_is_spread_over_tokens() {
        Generation plain = Generation.of(model, PROMPT, GenerateOptions.of(40));
        String end = "ry.";
        List<String> pieces = new ArrayList<>();
        Generation stopped = write(PROMPT, GenerateOptions.of(40).withStop(end), token -> pieces.add(token.text()));
        assertThat(plain.text()).isEqualTo(" Mary.");
        assertThat(stopped.text()).isEqualTo(" Ma");
        assertThat(String.join("", pieces)).isEqualTo(stopped.text());
        assertThat(stopped.rows().get(0).reason()).isEqualTo(StopReason.STOP_STRING);
    }

    @Test
    void pieces_and_what_was_held_back_add_up_to_the_text() {
        StringBuilder told = new StringBuilder();
        GenerateListener listener = GenerateListener.text(told::append);
        Generation written = write(PROMPT, GenerateOptions.of(4).withStop(". Mary thanked nobody"), listener);
        assertThat(told.toString()).isEqualTo(written.text()).startsWith(" Mary.");
    }

    @Test
    void pieces_are_whole_characters() {
        long[] bytes = model.tokenizer().encode(" café — 日本");
        WrittenText text = new WrittenText(java.util.Optional.of(model.tokenizer()), 0, List.of());
        StringBuilder shown = new StringBuilder();
        for (long id : bytes) {
            String piece = text.add(id);
            assertThat(piece).doesNotContain("\uFFFD");
            shown.append(piece);
        }
        assertThat(shown.toString()).isEqualTo(" café — 日本");
        assertThat(bytes.length).isGreaterThan(shown.length());
    }

    @Test
    void half_a_character_at_the_end_is_given_at_the_end() {
        long[] bytes = model.tokenizer().encode("é");
        WrittenText text = new WrittenText(java.util.Optional.of(model.tokenizer()), 0, List.of());
        assertThat(text.add(bytes[0])).isEmpty();
        assertThat(text.end()).isEqualTo("\uFFFD");
        assertThat(text.text()).isEqualTo("\uFFFD");
    }

    @Test
    void what_may_begin_a_stop_string_is_held_back_until_it_is_none() {
        WrittenText text = new WrittenText(java.util.Optional.of(model.tokenizer()), 0, List.of(" Mary Mary"));
        long mary = model.tokenizer().single(" Mary");
        assertThat(text.add(mary)).isEmpty();
        assertThat(text.add(model.tokenizer().single("."))).isEqualTo(" Mary.");
        assertThat(text.add(mary)).isEmpty();
        assertThat(text.add(mary)).isEmpty();
        assertThat(text.isStopped()).isTrue();
        assertThat(text.text()).isEqualTo(" Mary.");
    }

    @Test
    void a_listener_stops_it_and_what_was_written_stays() {
        GenerateListener two = new GenerateListener() {
            private int told;

            @Override
            public void token(Written token) {
                told++;
            }

            @Override
            public boolean stops() {
                return told == 2;
            }
        };
        Generation written = write(PROMPT, GenerateOptions.of(30).withoutEnd(), two);
        assertThat(written.rows().get(0).ids()).hasSize(2);
        assertThat(written.rows().get(0).reason()).isEqualTo(StopReason.INTERRUPTED);
        assertThat(written.text()).startsWith(" Mary");
    }

    @Test
    void an_interrupt_stops_it_and_the_thread_stays_interrupted() {
        Generation written = write(PROMPT, GenerateOptions.of(30).withoutEnd(), token -> Thread.currentThread()
                .interrupt());
        assertThat(Thread.interrupted()).isTrue();
        assertThat(written.rows().get(0).ids()).hasSize(1);
        assertThat(written.rows().get(0).reason()).isEqualTo(StopReason.INTERRUPTED);
    }

    @Test
    void penalties_look_at_what_was_written_and_log_probabilities_are_the_models_own() {
        int count = 30;
        Sampler never = Sampler.greedy().withPenalties(new Penalties(1000, 1));
        Generation written = Generation.of(
                model, PROMPT, GenerateOptions.of(count).withSampler(never).withoutEnd());
        List<Long> ids = written.tokens().ids(0);
        int prompt = ids.size() - count;
        assertThat(ids.subList(prompt, ids.size()))
                .doesNotHaveDuplicates()
                .doesNotContainAnyElementsOf(ids.subList(0, prompt));
        try (Run run = model.run(written.tokens())) {
            for (int step = 0; step < count; step++) {
                float[] logits = run.logits()
                        .get(new NDIndex("0, {}", prompt + step - 1))
                        .toFloatArray();
                double sum = 0;
                for (float logit : logits) {
                    sum += Math.exp(logit);
                }
                int token = Math.toIntExact(ids.get(prompt + step));
                assertThat(written.logProbs().at(0, step))
                        .as("step " + step)
                        .isCloseTo((float) (logits[token] - Math.log(sum)), within(1e-3f));
            }
        }
    }

    @Test
    void it_ends_where_the_context_is_full() {
        Generation written = write("The", GenerateOptions.of(999).withoutEnd(), GenerateListener.none());
        assertThat(written.rows().get(0).reason()).isEqualTo(StopReason.CONTEXT);
        // The last one is written behind a full context.
        assertThat(written.tokens().pos()).isEqualTo(model.config().nCtx() + 1);
    }

    @Test
    void draws_of_a_seed_repeat_and_a_row_draws_what_it_draws_alone() {
        GenerateOptions options =
                GenerateOptions.of(8).withSampler(Sampler.temperature(1).withSeed(3));
        Generation one = Generation.of(model, "Then", options);
        assertThat(Generation.of(model, List.of("Then", PROMPT), options).rows().get(0))
                .isEqualTo(one.rows().get(0));
        List<String> texts = java.util.stream.LongStream.range(0, 6)
                .mapToObj(seed -> Generation.of(
                                model,
                                "Then",
                                options.withSampler(Sampler.temperature(1).withSeed(seed)))
                        .text())
                .toList();
        assertThat(texts.stream().distinct().count()).isGreaterThan(1);
        assertThat(texts.get(3)).isEqualTo(one.text());
    }

    @Test
    void a_steering_between_two_names_makes_the_other_receive() {
        String swapped = PROMPT.replace(", John", ", Mary");
        String point = "blocks.2.hook_resid_post";
        Steering john = Steering.between(model, point, swapped, PROMPT);
        assertThat(Generation.of(model, PROMPT, GenerateOptions.of(1)).text()).isEqualTo(" Mary");
        assertThat(Generation.of(model, PROMPT, GenerateOptions.of(1).withSteering(john))
                        .text())
                .isEqualTo(" John");
        assertThat(Generation.of(model, PROMPT, GenerateOptions.of(1).withSteering(john.at(0)))
                        .text())
                .as("elsewhere it does nothing")
                .isEqualTo(" Mary");
        assertThat(Generation.of(model, PROMPT, GenerateOptions.of(1).withSteering(john.times(0)))
                        .text())
                .isEqualTo(" Mary");
    }

    @Test
    void steering_adds_direction_times_strength_where_it_is_told_to() {
        Tokens tokens = model.tokens("When Mary and John");
        float[] direction = new float[model.config().nHeads() * model.config().dHead()];
        for (int i = 0; i < direction.length; i++) {
            direction[i] = i;
        }
        Steering steering = Steering.add("blocks.1.attn.hook_z", direction, 0.5).at(1, -1);
        try (var plain = model.runWithCache(tokens, "blocks.1.attn.hook_z");
                var steered = model.run(
                        tokens,
                        org.lens4j.model.RunOptions.defaults()
                                .withHooks(steering.hooks(tokens))
                                .withCached("blocks.1.attn.hook_z"))) {
            float[] before = plain.cache().get("blocks.1.attn.hook_z").toFloatArray();
            float[] after = steered.cache().get("blocks.1.attn.hook_z").toFloatArray();
            for (int i = 0; i < before.length; i++) {
                int pos = i / direction.length;
                boolean meant = pos == 1 || pos == tokens.pos() - 1;
                float added = meant ? 0.5f * (i % direction.length) : 0;
                assertThat(after[i]).isCloseTo(before[i] + added, org.assertj.core.data.Offset.offset(1e-4f));
            }
        }
    }

    @Test
    void a_function_behind_the_blocks_changes_what_is_written() {
        Hooks blind = Hooks.none().edit("ln_final.hook_normalized", (x, at) -> {
            x.set(new NDIndex(":"), 0f);
            return x;
        });
        String usual = Generation.of(model, PROMPT, GenerateOptions.of(1)).text();
        String other = Generation.of(model, PROMPT, GenerateOptions.of(1).withHooks(blind))
                .text();
        assertThat(other).isNotEqualTo(usual);
        try (var attachment = model.attach(blind)) {
            assertThat(attachment).isNotNull();
            assertThat(Generation.of(model, PROMPT, GenerateOptions.of(1)).text())
                    .isEqualTo(other);
        }
    }

    @Test
    void a_model_without_tokenizer_writes_ids() {
        try (HookedTransformer gpt2 =
                Lens.load(Fixtures.committed("gpt2").toAbsolutePath().toString())) {
            Generation written =
                    Generation.of(gpt2, Tokens.of(new long[] {5, 6}), GenerateOptions.of(3), GenerateListener.none());
            assertThat(written.rows().get(0).text()).isEmpty();
            assertThat(written.rows().get(0).prompt()).isEqualTo("5 6");
            assertThat(written.tokens().pos()).isEqualTo(5);
        }
    }

    @Test
    void what_does_not_fit_is_refused() {
        float[] narrow = new float[3];
        assertThatThrownBy(() -> steered(Steering.add("blocks.0.hook_resid_pre", narrow, 1)))
                .hasMessage(
                        "A direction of 3 numbers is to be added at blocks.0.hook_resid_pre, which has [batch pos d_model], 64 at each position.");
        assertThatThrownBy(() -> steered(Steering.add("blocks.0.attn.hook_pattern", narrow, 1)))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(
                        "blocks.0.attn.hook_pattern has axes [batch head query_pos key_pos], and a direction is added at positions.");
        assertThatThrownBy(() -> steered(Steering.add("blocks.9.hook_resid_pre", narrow, 1)))
                .isInstanceOf(UnknownNameException.class);
        assertThatThrownBy(() -> Steering.add("blocks.0.hook_resid_pre", new float[] {Float.NaN}, 1))
                .hasMessageStartingWith(
                        "A steering at blocks.0.hook_resid_pre has a strength or a direction that is not finite.");
        Tokens tokens = model.tokens("When Mary");
        Hooks others = Steering.add("blocks.0.hook_resid_pre", new float[64], 1).hooks(tokens);
        assertThatThrownBy(() -> model.runWithHooks(model.tokens(PROMPT), others))
                .hasMessageContaining("Give hooks(…) the tokens of the run.");
        assertThatThrownBy(() -> GenerateOptions.of(3).withoutCache().withPast(new KvCache()))
                .hasMessage(
                        "A past is given, and keys and values are not to be kept. Leave out one of withPast and withoutCache.");
    }

    private static void steered(Steering steering) {
        Generation.of(model, PROMPT, GenerateOptions.of(1).withSteering(steering));
    }

    @Test
    void a_past_that_is_full_or_frozen_is_refused() {
        try (KvCache past = new KvCache()) {
            past.freeze();
            assertThatThrownBy(() ->
                            Generation.of(model, PROMPT, GenerateOptions.of(1).withPast(past)))
                    .isInstanceOf(StateException.class)
                    .hasMessageStartingWith("The key-value cache took nothing in: it is frozen");
            past.unfreeze();
            Generation.of(model, PROMPT, GenerateOptions.of(40).withoutEnd().withPast(past));
            long length = past.length();
            assertThatThrownBy(() ->
                            Generation.of(model, PROMPT, GenerateOptions.of(1).withPast(past)))
                    .isInstanceOf(RangeException.class)
                    .hasMessageStartingWith("%d tokens are remembered and ".formatted(length));
        }
    }

    @Test
    void logits_that_are_no_numbers_end_it() {
        Hooks broken = Hooks.none().edit("blocks.2.hook_resid_post", (x, at) -> {
            x.set(new NDIndex(":"), Float.NaN);
            return x;
        });
        assertThatThrownBy(
                        () -> Generation.of(model, PROMPT, GenerateOptions.of(2).withHooks(broken)))
                .isInstanceOf(StateException.class)
                .hasMessage(
                        "Row 0 has logits that are not finite after 0 new tokens. Look at the hooks and the steering: is a strength too great?");
    }

    @Test
    void the_ending_tokens_are_those_of_config_json() {
        assertThat(model.config().eosTokenIds()).containsExactly(730);
        assertThat(model.tokenizer().decode(730)).isEqualTo("<|endoftext|>");
        Generation none = Generation.of(model, PROMPT, GenerateOptions.of(20).withoutEnd());
        assertThat(none.rows().get(0).ids()).hasSize(20);
        long first = none.rows().get(0).ids().get(1);
        Generation other =
                Generation.of(model, PROMPT, GenerateOptions.of(20).withEnd(List.of(Math.toIntExact(first))));
        assertThat(other.rows().get(0).ids()).hasSize(2);
        assertThat(other.rows().stream().map(Generation.Row::reason).collect(Collectors.toSet()))
                .containsExactly(StopReason.END_OF_TEXT);
    }
}
