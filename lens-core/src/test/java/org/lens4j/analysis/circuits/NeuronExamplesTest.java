package org.lens4j.analysis.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.lens4j.Lens;
import org.lens4j.ToyModels;
import org.lens4j.analysis.circuits.NeuronExamples.Neuron;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.RangeException;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.PaddingSide;
import org.lens4j.text.Tokens;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NeuronExamplesTest {
    private final HookedTransformer model = Lens.load("demo");

    @AfterAll
    void close() {
        model.close();
    }

    private record Seen(float activation, long text, int pos, long id) {}

    @Test
    void the_places_and_tokens_are_those_of_a_full_sort() {
        Random random = new Random(8);
        List<Tokens> corpus = IntStream.range(0, 6)
                .mapToObj(i -> Tokens.of(random.longs(5 + i, 0, 200).toArray()))
                .toList();
        Neuron neuron = new Neuron(1, 17);
        List<Seen> all = new ArrayList<>();
        for (int text = 0; text < corpus.size(); text++) {
            try (ActivationCache cache = model.cache(corpus.get(text), "blocks.1.mlp.hook_post")) {
                for (int pos = 0; pos < corpus.get(text).pos(); pos++) {
                    all.add(new Seen(
                            cache.get("post1").getFloat(0, pos, 17),
                            text,
                            pos,
                            corpus.get(text).ids(0).get(pos)));
                }
            }
        }
        all.sort(Comparator.comparingDouble(Seen::activation).reversed());
        NeuronExamples found = NeuronExamples.of(model, corpus, List.of(new Neuron(0, 3), neuron), 7, 2)
                .get(1);
        assertThat(found.positions()).isEqualTo(all.size());
        assertThat(found.places()).hasSize(7);
        for (int i = 0; i < 7; i++) {
            NeuronExamples.Place place = found.places().get(i);
            assertThat(place.activation()).isCloseTo(all.get(i).activation(), within(1e-5f));
            assertThat(place.text()).isEqualTo(all.get(i).text());
            assertThat(place.pos()).isEqualTo(all.get(i).pos());
            assertThat(place.activations().get(place.peak())).isEqualTo(place.activation());
            assertThat(place.tokens().get(place.peak()))
                    .isEqualTo(Long.toString(all.get(i).id()));
            assertThat(place.tokens()).hasSameSizeAs(place.activations()).hasSizeBetween(3, 5);
        }
        assertThat(found.tokens().get(0).id()).isEqualTo(all.get(0).id());
        assertThat(found.tokens().stream()
                        .mapToLong(NeuronExamples.OnToken::times)
                        .sum())
                .isEqualTo(all.size());
        assertThat(found.tokenGrid(3).axis("token").size()).isEqualTo(3);
    }

    @Test
    void texts_longer_than_the_context_are_looked_through_in_parts() {
        String text = "Mary and John went to the store. ".repeat(200);
        long ids = model.tokenizer().encode(text).length;
        int room = model.config().nCtx() - 1;
        NeuronExamples found = NeuronExamples.ofTexts(model, List.of(text), List.of(new Neuron(0, 0)), 3, 1)
                .get(0);
        long parts = (ids + room - 1) / room;
        assertThat(parts).isGreaterThan(1);
        assertThat(found.positions()).isEqualTo(ids + parts);
        assertThat(found.places().get(0).line()).contains("[");
    }

    @Test
    void padding_does_not_count() {
        Tokens padded = Tokens.padded(PaddingSide.RIGHT, 0, new long[] {5, 6, 7}, new long[] {5});
        NeuronExamples found = NeuronExamples.of(model, List.of(padded), List.of(new Neuron(0, 0)), 10, 0)
                .get(0);
        assertThat(found.positions()).isEqualTo(4);
        assertThat(found.places()).hasSize(4);
    }

    @Test
    void what_cannot_be_looked_at_is_refused() {
        List<Tokens> corpus = List.of(Tokens.of(new long[] {1}));
        assertThatThrownBy(() -> NeuronExamples.of(model, corpus, List.of(new Neuron(0, 99_999)), 1, 1))
                .isInstanceOf(RangeException.class)
                .hasMessageStartingWith("demo has no neuron 99999");
        assertThatThrownBy(() -> NeuronExamples.of(model, corpus, List.of(), 1, 1))
                .hasMessage("1 places of 0 neurons with 1 tokens around each are asked for. Ask for at least one place"
                        + " and neuron, and 0 tokens or more.");
        try (HookedTransformer heads = ToyModels.attentionOnly()) {
            assertThatThrownBy(() -> NeuronExamples.of(heads, corpus, List.of(new Neuron(0, 0)), 1, 1))
                    .isInstanceOf(UsageException.class)
                    .hasMessage("Toy has no neurons to look at: it has no MLPs. Ask for its heads.");
        }
    }
}
