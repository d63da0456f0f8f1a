package org.lens4j.analysis.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.lens4j.Lens;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.circuits.NeuronExamples.Neuron;
import org.lens4j.cache.ActivationCache;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NeuronActivationsTest {
    private final HookedTransformer model = Lens.load("demo");
    private final Tokens tokens = model.tokens("When Mary and John went to the store, John gave a drink to");

    @AfterAll
    void close() {
        model.close();
    }

    private float[] post(int layer) {
        String name = "blocks.%d.mlp.hook_post".formatted(layer);
        try (ActivationCache cache = model.cache(tokens, name)) {
            return cache.get(name).toFloatArray();
        }
    }

    @Test
    void the_numbers_are_those_of_the_hook_point() {
        Grid grid = NeuronActivations.of(model, tokens, new Neuron(2, 5), new Neuron(1, 37), new Neuron(2, 0));
        int width = model.config().dMlp();
        for (int pos = 0; pos < tokens.pos(); pos++) {
            assertThat(grid.at(0, pos)).isEqualTo(post(2)[pos * width + 5]);
            assertThat(grid.at(1, pos)).isEqualTo(post(1)[pos * width + 37]);
            assertThat(grid.at(2, pos)).isEqualTo(post(2)[pos * width]);
        }
        assertThat(grid.axis("neuron").labels()).containsExactly("L2N5", "L1N37", "L2N0");
        assertThat(grid.axis("pos").labels()).contains("2·Mary");
    }

    @Test
    void the_strongest_are_those_with_the_highest_activation_anywhere() {
        Grid grid = NeuronActivations.strongest(model, tokens, 1, 4);
        assertThat(grid.shape()).isEqualTo("[neuron=4 pos=15]");
        float[] all = post(1);
        float highest = Float.NEGATIVE_INFINITY;
        for (float value : all) {
            highest = Math.max(highest, value);
        }
        float before = highest;
        for (int i = 0; i < 4; i++) {
            float best = Float.NEGATIVE_INFINITY;
            for (float value : grid.slice("neuron", i).values()) {
                best = Math.max(best, value);
            }
            assertThat(best).isLessThanOrEqualTo(before);
            before = best;
            if (i == 0) {
                assertThat(best).isEqualTo(highest);
            }
        }
        Neuron first = neuron(grid.axis("neuron").labels().get(0));
        assertThat(NeuronActivations.of(model, tokens, first).values())
                .isEqualTo(grid.slice("neuron", 0).values());
    }

    private static Neuron neuron(String label) {
        String[] parts = label.substring(1).split("N", -1);
        return new Neuron(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }

    @Test
    void what_is_not_there_is_refused() {
        assertThatThrownBy(() -> NeuronActivations.of(model, tokens, new Neuron(1, 999)))
                .isInstanceOf(RangeException.class)
                .hasMessageContaining("demo has no neuron 999");
        assertThatThrownBy(() -> NeuronActivations.of(model, tokens))
                .isInstanceOf(RangeException.class)
                .hasMessage("No neuron of demo is asked for. Ask for at least one.");
        assertThatThrownBy(() -> NeuronActivations.strongest(model, tokens, 1, 0))
                .hasMessage("0 neurons of layer 1 were asked for. Ask for 1 to 256.");
        assertThatThrownBy(() -> NeuronActivations.strongest(model, Tokens.joined(List.of(tokens, tokens)), 1, 1))
                .isInstanceOf(ShapeException.class)
                .hasMessageContaining("Take one: tokens.sequences(0).");
    }
}
