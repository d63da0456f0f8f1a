package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;

/** Runs over some of the layers or positions equal what TransformerLens gives for the same files. */
class PartialParityTest {
    static Stream<Path> models() {
        return Fixtures.decoders().stream();
    }

    @ParameterizedTest
    @MethodSource("models")
    void stopping_and_starting_at_a_layer_equals_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        Tokens tokens = Fixtures.tokens(expected);
        try (HookedTransformer model = Fixtures.raw(folder);
                Run first = model.run(tokens, RunOptions.defaults().stopAtLayer(1));
                Run allButLast = model.run(tokens, RunOptions.defaults().stopAtLayer(-1));
                Run rest = model.run(tokens, RunOptions.defaults().startAtLayer(1, first.residual()))) {
            assertThat(Fixtures.distance(expected, "partial/stop_at_layer_1", first.residual()))
                    .isLessThan(Fixtures.TOLERANCE);
            assertThat(Fixtures.distance(expected, "partial/stop_at_layer_-1", allButLast.residual()))
                    .isLessThan(Fixtures.TOLERANCE);
            // TransformerLens cannot start a Shortformer in the middle without its position vectors; ours makes them.
            String logits =
                    expected.has("partial/start_at_layer_1_logits") ? "partial/start_at_layer_1_logits" : "raw/logits";
            assertThat(Fixtures.distance(expected, logits, rest.logits())).isLessThan(Fixtures.TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void a_kept_position_equals_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        int last;
        try (HookedTransformer model = Fixtures.raw(folder)) {
            last = model.config().nLayers() - 1;
            String name = "blocks." + last + ".hook_resid_post";
            RunOptions options = RunOptions.defaults().withPosSlice(-1).withCached(name);
            try (Run run = model.run(Fixtures.tokens(expected), options)) {
                assertThat(Fixtures.distance(
                                expected,
                                "partial/pos_slice_-1/resid_post_last",
                                run.cache().get(name)))
                        .isLessThan(Fixtures.TOLERANCE);
            }
        }
    }
}
