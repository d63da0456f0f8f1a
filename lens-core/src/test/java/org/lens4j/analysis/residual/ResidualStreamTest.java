package org.lens4j.analysis.residual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.lens4j.Fixtures;
import org.lens4j.Lens;
import org.lens4j.ToyModels;
import org.lens4j.analysis.Grid;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.tensor.Scope;
import org.lens4j.tensor.Slice;
import org.lens4j.text.AnswerToken;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.Tokens;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ResidualStreamTest {
    private final HookedTransformer model = Lens.load("demo");
    private final Tokens prompt = model.tokens("When Mary and John went to the store, John gave a drink to");
    private final ResidualStream stream = ResidualStream.of(model, prompt);
    private final Answers maryNotJohn =
            Answers.of(AnswerToken.of(model.tokenizer(), " Mary")).against(AnswerToken.of(model.tokenizer(), " John"));

    @AfterAll
    void close() {
        stream.close();
        model.close();
    }

    @Test
    void a_stack_names_its_components_and_counts_them() {
        try (ResidualStack stack = stream.heads(StackOptions.defaults().withPositions(Slice.at(-1)))) {
            int nHeads = model.config().nHeads();
            assertThat(stack.size()).isEqualTo(model.config().nLayers() * nHeads);
            assertThat(stack.indexOf("L1H1")).isEqualTo(nHeads + 1);
            assertThat(stack.tensor().getShape())
                    .isEqualTo(new Shape(stack.size(), 1, 1, model.config().dModel()));
            assertThat(stack.grid().axis("pos").labels()).containsExactly("14·to");
            assertThatThrownBy(() -> stack.indexOf("L1H99"))
                    .isInstanceOf(UnknownNameException.class)
                    .hasMessageStartingWith("Unknown component \"L1H99\" in this stack. Closest of ")
                    .hasMessageEndingWith("labels() lists them.");
        }
    }

    @Test
    void norms_are_the_lengths_of_the_components() {
        try (ResidualStack stack = stream.decomposed(StackOptions.defaults())) {
            double squares = 0;
            for (float value : stack.tensor().get(2, 0, 5).toFloatArray()) {
                squares += value * value;
            }
            assertThat((double) stack.norms().at(2, 0, 5)).isCloseTo(Math.sqrt(squares), within(1e-4));
        }
    }

    @Test
    void no_head_writes_before_the_first_layer_and_the_remainder_is_everything() {
        StackOptions none = StackOptions.defaults().withLayer(0);
        try (ResidualStack empty = stream.heads(none);
                ResidualStack rest = stream.heads(none.withRemainder());
                ResidualStack start = stream.accumulated(none)) {
            assertThat(empty.size()).isZero();
            assertThat(empty.tensor().getShape().get(0)).isZero();
            assertThat(rest.labels()).containsExactly("remainder");
            assertThat(rest.tensor().toFloatArray()).isEqualTo(start.tensor().toFloatArray());
        }
    }

    @Test
    void some_neurons_are_those_of_all() {
        StackOptions last = StackOptions.defaults().withLayer(2).withPositions(Slice.at(-1));
        try (ResidualStack all = stream.neurons(last);
                ResidualStack some = stream.neurons(last.withNeurons(Slice.range(3, 5)))) {
            assertThat(some.labels()).containsExactly("L0N3", "L0N4", "L1N3", "L1N4");
            assertThat(some.tensor().get(3).toFloatArray())
                    .containsExactly(all.tensor().get(all.indexOf("L1N4")).toFloatArray(), within(1e-6f));
        }
    }

    @Test
    void an_option_that_does_nothing_is_refused() {
        assertThatThrownBy(() -> stream.heads(StackOptions.defaults().withMids()))
                .isInstanceOf(UsageException.class)
                .hasMessage("The option mids does nothing for heads. Leave it out; these do something: remainder.");
    }

    @Test
    void a_layer_the_model_does_not_have_is_refused() {
        assertThatThrownBy(() -> stream.accumulated(StackOptions.defaults().withLayer(7)))
                .isInstanceOf(RangeException.class)
                .hasMessage(
                        "What demo has written before layer 7 is asked for; it has %d layers. Give 0 to %d, where %d is the end."
                                .formatted(
                                        model.config().nLayers(),
                                        model.config().nLayers(),
                                        model.config().nLayers()));
        assertThatThrownBy(() -> stream.full(StackOptions.defaults().withMlpInput()))
                .hasMessageContaining("before layer %d's MLP is asked for"
                        .formatted(model.config().nLayers()));
    }

    @Test
    void a_divided_stack_is_not_divided_again() {
        try (ResidualStack divided = stream.heads(StackOptions.defaults().withLn())) {
            assertThatThrownBy(() -> stream.logitAttributions(divided, maryNotJohn))
                    .isInstanceOf(UsageException.class)
                    .hasMessage("This stack was divided by a layer norm already, and would be again. Make it without"
                            + " withLn(…).");
        }
    }

    @Test
    void a_projection_has_no_scale_of_its_own() {
        try (Scope scope = Scope.root()) {
            NDArray direction = scope.zeros(new Shape(model.config().dModel()));
            assertThatThrownBy(() -> stream.onto(
                            Decomposition.HEADS,
                            direction,
                            StackOptions.defaults().withLn()))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("and ln is USUAL. Say withLn(StackOptions.Ln.OF_THE_RUN).");
            assertThatThrownBy(
                            () -> stream.onto(Decomposition.HEADS, scope.zeros(new Shape(3)), StackOptions.defaults()))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageStartingWith("Directions for demo are [d_model=");
        }
    }

    @Test
    void what_a_cache_lacks_is_named() {
        try (ActivationCache cache = model.cache(prompt, "blocks.*.hook_attn_out");
                ResidualStream poor = ResidualStream.of(model, cache)) {
            assertThatThrownBy(() -> poor.decomposed(StackOptions.defaults()))
                    .isInstanceOf(UnknownNameException.class)
                    .hasMessageContaining("hook_embed");
        }
    }

    @Test
    void a_parallel_block_has_no_middle_and_an_attention_only_model_no_neurons() {
        try (HookedTransformer parallel = Fixtures.raw(Fixtures.committed("gpt_neox"));
                ResidualStream its = ResidualStream.of(parallel, Tokens.of(new long[] {1, 2, 3}))) {
            assertThatThrownBy(() -> its.accumulated(StackOptions.defaults().withMids()))
                    .isInstanceOf(UsageException.class)
                    .hasMessage("gpt_neox has no residual stream between attention and MLP: both read the same. Leave"
                            + " out withMids().");
        }
        try (HookedTransformer heads = ToyModels.attentionOnly();
                ResidualStream its = ResidualStream.of(heads, Tokens.of(new long[] {1, 2, 3}))) {
            assertThatThrownBy(() -> its.neurons(StackOptions.defaults()))
                    .hasMessage("Toy has no MLPs, and so no neurons. Ask for its heads.");
        }
    }

    @Test
    void answers_are_checked_against_prompts_and_vocabulary() {
        assertThatThrownBy(() -> LogitAttribution.of(model, prompt, Answers.ofIds(1, 2), LogitAttribution.By.LAYER))
                .isInstanceOf(ShapeException.class)
                .hasMessage("2 answers are given for 1 prompts. Give one for all, or one for each.");
        assertThatThrownBy(
                        () -> LogitAttribution.of(model, prompt, Answers.ofIds(1_000_000), LogitAttribution.By.LAYER))
                .isInstanceOf(RangeException.class)
                .hasMessageStartingWith("demo says no token 1000000: it says ");
        assertThatThrownBy(() -> Answers.ofIds(1, 2).againstIds(3))
                .hasMessage("2 right answers and 1 wrong ones were given. Give at least one, and a wrong one for each"
                        + " or none.");
    }

    @Test
    void heads_and_mlps_and_the_rest_are_the_logit_difference_of_the_run() {
        LogitAttribution layers = LogitAttribution.of(model, prompt, maryNotJohn, LogitAttribution.By.LAYER);
        LogitAttribution heads = LogitAttribution.of(model, prompt, maryNotJohn, LogitAttribution.By.HEAD);
        LogitAttribution neurons = LogitAttribution.of(model, prompt, maryNotJohn, LogitAttribution.By.NEURON);
        try (Run run = model.run(prompt)) {
            float mary = run.logits()
                    .getFloat(0, prompt.pos() - 1, maryNotJohn.right().get(0).id());
            float john = run.logits()
                    .getFloat(0, prompt.pos() - 1, maryNotJohn.wrong().get(0).id());
            assertThat(layers.total()).isCloseTo(mary - john, within(1e-3f));
        }
        assertThat(layers.mean().title()).isEqualTo("Direct logit attribution of ·Mary − ·John at 14·to, by layer");
        assertThat(heads.mean().shape())
                .isEqualTo("[layer=%d head=%d]"
                        .formatted(model.config().nLayers(), model.config().nHeads()));
        assertThat(neurons.mean().axis("neuron").size())
                .isEqualTo(model.config().dMlp());
        Grid full = LogitAttribution.of(model, prompt, maryNotJohn, LogitAttribution.By.COMPONENT)
                .mean();
        double rest = 0;
        for (String label : java.util.List.of("embed", "pos_embed", "bias", LogitAttribution.UNEMBED_BIAS)) {
            rest += full.at(full.axis("component").labels().indexOf(label));
        }
        assertThat(heads.sum(0) + neurons.sum(0) + rest).isCloseTo(layers.total(), within(1e-3));
    }

    @Test
    void padded_prompts_answer_where_each_ends() {
        long[] one = {5, 6, 7, 8, 9};
        long[] two = {5, 6, 7};
        Tokens padded = Tokens.padded(PaddingSide.RIGHT, 0, one, two);
        LogitAttribution both = LogitAttribution.of(model, padded, Answers.ofIds(11, 12), LogitAttribution.By.HEAD);
        LogitAttribution alone =
                LogitAttribution.of(model, Tokens.of(two), Answers.ofIds(12), LogitAttribution.By.HEAD);
        assertThat(both.positions()).containsExactly(4, 2);
        assertThat(both.byPrompt().slice("prompt", 1).values())
                .containsExactly(alone.byPrompt().slice("prompt", 0).values(), within(1e-4f));
        assertThatThrownBy(() -> LogitAttribution.of(
                        model, padded, Answers.ofIds(1), LogitAttribution.By.HEAD, OptionalInt.of(-1)))
                .hasMessage("Position 4 of prompt 1 is padding, and demo says nothing there. Give another.");
    }

    @Test
    void the_mean_over_prompts_sums_to_the_mean_of_their_totals() {
        Tokens padded = Tokens.padded(PaddingSide.RIGHT, 0, new long[] {5, 6, 7, 8, 9}, new long[] {5, 6, 7});
        for (LogitAttribution.By by : List.of(LogitAttribution.By.LAYER, LogitAttribution.By.POS)) {
            LogitAttribution both = LogitAttribution.of(model, padded, Answers.ofIds(11, 12), by);
            double sum = 0;
            for (float value : both.mean().values()) {
                sum += Float.isNaN(value) ? 0 : value;
            }
            float mean = (both.totals().get(0) + both.totals().get(1)) / 2;
            assertThat(both.total()).as(by.word()).isCloseTo(mean, within(1e-4f));
            assertThat(sum).as(by.word()).isCloseTo(mean, within(1e-3));
        }
    }

    @Test
    void an_answer_of_several_tokens_is_an_error_and_one_without_a_space_gets_a_note() {
        assertThatThrownBy(() -> AnswerToken.of(model.tokenizer(), " Mary John"))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("\" Mary John\" is 2 tokens, [ Mary,  John], and one is needed.");
        assertThatThrownBy(() -> AnswerToken.of(model.tokenizer(), ""))
                .hasMessage("An answer is empty, and one token is needed. Give a word: \" Mary\".");
        assertThat(AnswerToken.of(model.tokenizer(), " Mary").note()).isEmpty();
        long id = model.tokenizer().single(" Mary");
        assertThat(AnswerToken.of(model.tokenizer(), "id:" + id).text()).isEqualTo(" Mary");
        assertThat(AnswerToken.of(java.util.Optional.empty(), "7").id()).isEqualTo(7);
        assertThatThrownBy(() -> AnswerToken.of(java.util.Optional.empty(), " Mary"))
                .hasMessage("\" Mary\" is a text, and the model has no tokenizer. Give the token's id: id:5335.");
    }

    @Test
    void an_attribution_says_its_total_and_what_its_numbers_leave_out() {
        Answers answers = Answers.of(model.answer(" Mary")).against(model.answer(" John"));
        assertThat(answers)
                .isEqualTo(Answers.of(AnswerToken.of(model.tokenizer(), " Mary"))
                        .against(AnswerToken.of(model.tokenizer(), " John")));
        LogitAttribution heads = LogitAttribution.of(model, prompt, answers, LogitAttribution.By.named("head"));
        assertThat(heads.notes())
                .containsExactly(
                        "·Mary − ·John: 6.151 in all.",
                        "All %d heads add -0.976; embeddings, biases and MLPs add the rest, 7.127."
                                .formatted(heads.mean().values().length));
        LogitAttribution two = LogitAttribution.of(
                model,
                Tokens.joined(List.of(prompt, prompt)),
                Answers.of(model.answer("Mary")),
                LogitAttribution.By.LAYER);
        assertThat(two.notes().get(0)).endsWith(" in all (the mean of 2 prompts).");
        assertThat(two.notes().get(1)).startsWith("\"Mary\" begins without a space");
        assertThatThrownBy(() -> LogitAttribution.By.named("heads"))
                .isInstanceOf(UnknownNameException.class)
                .hasMessageContaining("There are layer, head, neuron, pos, component.");
    }
}
