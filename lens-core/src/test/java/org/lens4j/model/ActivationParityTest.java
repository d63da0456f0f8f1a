package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;

/** Every activation of an unprocessed model equals what TransformerLens 2.15.4 computes for the same files. */
class ActivationParityTest {
    private static final String GROUP = "raw/";
    /** Results of a run rather than hook points. */
    private static final List<String> NOT_HOOKS = List.of("logits", "loss", "loss_per_token");

    static Stream<Path> models() {
        return Fixtures.decoders().stream();
    }

    @ParameterizedTest
    @MethodSource("models")
    void every_activation_equals_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        Tokens tokens = Fixtures.tokens(expected);
        try (HookedTransformer model = Fixtures.raw(folder);
                Run run = model.runWithCache(tokens)) {
            List<String> hooks = hooks(expected);
            List<String> wrong = new ArrayList<>();
            double worst = 0;
            String worstHook = "";
            for (String hook : hooks) {
                double distance =
                        Fixtures.distance(expected, GROUP + hook, run.cache().get(hook));
                if (distance > Fixtures.TOLERANCE) {
                    wrong.add(hook + " by " + distance);
                }
                if (distance >= worst) {
                    worst = distance;
                    worstHook = hook;
                }
            }
            System.out.printf("%s: %d activations, worst %s by %.2e%n", model.name(), hooks.size(), worstHook, worst);
            assertThat(wrong).isEmpty();
            assertThat(Fixtures.distance(expected, GROUP + "logits", run.logits()))
                    .isLessThan(Fixtures.TOLERANCE);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void the_hook_points_that_fire_are_exactly_those_of_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        try (HookedTransformer model = Fixtures.raw(folder);
                Run run = model.runWithCache(Fixtures.tokens(expected))) {
            assertThat(new TreeSet<>(run.cache().names())).isEqualTo(new TreeSet<>(hooks(expected)));
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void the_loss_equals_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        assumeTrue(expected.has(GROUP + "loss"), "a model that says other tokens than it reads has no loss");
        try (HookedTransformer model = Fixtures.raw(folder)) {
            assertThat((double) model.loss(Fixtures.tokens(expected)))
                    .isCloseTo(
                            expected.bytes(GROUP + "loss").getFloat(),
                            org.assertj.core.data.Offset.offset(Fixtures.TOLERANCE));
        }
    }

    private static List<String> hooks(Safetensors expected) {
        return expected.names().stream()
                .filter(it -> it.startsWith(GROUP))
                .map(it -> it.substring(GROUP.length()))
                .filter(it -> !NOT_HOOKS.contains(it))
                .toList();
    }
}
