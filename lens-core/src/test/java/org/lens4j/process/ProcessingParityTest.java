package org.lens4j.process;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;
import org.lens4j.weights.Safetensors;

/** Processed parameters and activations equal TransformerLens's; log-probabilities stay what they were. */
class ProcessingParityTest {
    private static final String WEIGHTS = "weights_processed/";
    private static final String ACTIVATIONS = "processed/";

    static Stream<Path> models() {
        return Fixtures.decoders().stream();
    }

    private static HookedTransformer processed(HookedTransformer raw, Processing processing) {
        return new HookedTransformer(
                raw.name(),
                raw.config(),
                processing.apply(raw.config(), raw.parameters(), Scope.root()).parameters(),
                Optional.empty());
    }

    @ParameterizedTest
    @MethodSource("models")
    void every_parameter_and_activation_equals_the_reference(Path folder) {
        Safetensors expected = Fixtures.expected(folder);
        try (HookedTransformer raw = Fixtures.raw(folder);
                HookedTransformer model = processed(raw, Processing.standard());
                Run run = model.runWithCache(Fixtures.tokens(expected))) {
            List<String> wrong = new ArrayList<>();
            for (String name : expected.names()) {
                if (name.startsWith(WEIGHTS)) {
                    check(expected, name, model.parameters().get(name.substring(WEIGHTS.length())), wrong);
                } else if (name.startsWith(ACTIVATIONS) && name.contains("hook_")) {
                    check(expected, name, run.cache().get(name.substring(ACTIVATIONS.length())), wrong);
                }
            }
            // TransformerLens folds a LayerNorm model with a final RMS norm wrongly; those fixtures have no such group.
            if (expected.has(ACTIVATIONS + "logits")) {
                check(expected, ACTIVATIONS + "logits", run.logits(), wrong);
            }
            assertThat(wrong).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void log_probabilities_stay_what_they_were(Path folder) {
        Tokens tokens = Fixtures.tokens(Fixtures.expected(folder));
        Processing all = Processing.standard().with(Processing.Switch.REFACTOR_FACTORED_ATTN_MATRICES);
        try (HookedTransformer raw = Fixtures.raw(folder);
                HookedTransformer model = processed(raw, all)) {
            float[] before = logProbs(raw, tokens);
            float[] after = logProbs(model, tokens);
            for (int i = 0; i < before.length; i++) {
                assertThat(after[i]).isCloseTo(before[i], org.assertj.core.data.Offset.offset(1e-4f));
            }
        }
    }

    private static void check(Safetensors expected, String name, NDArray actual, List<String> wrong) {
        double distance = Fixtures.distance(expected, name, actual);
        if (distance > Fixtures.TOLERANCE) {
            wrong.add(name + " by " + distance);
        }
    }

    @ParameterizedTest
    @EnumSource(Processing.Switch.class)
    void each_pass_alone_leaves_log_probabilities_and_the_original(Processing.Switch only) {
        Tokens tokens = Tokens.of(new long[] {3, 1, 4, 1, 5, 9, 2, 6});
        try (HookedTransformer raw = Fixtures.raw(Fixtures.committed("gpt2"))) {
            float[] before = logProbs(raw, tokens);
            float[] weight = raw.parameter("blocks.0.attn.W_Q").toFloatArray();
            try (HookedTransformer model = processed(raw, Processing.none().with(only))) {
                float[] after = logProbs(model, tokens);
                for (int i = 0; i < before.length; i++) {
                    assertThat(after[i]).isCloseTo(before[i], org.assertj.core.data.Offset.offset(1e-4f));
                }
            }
            assertThat(raw.parameter("blocks.0.attn.W_Q").toFloatArray()).isEqualTo(weight);
            assertThat(logProbs(raw, tokens)).isEqualTo(before);
        }
    }

    private static float[] logProbs(HookedTransformer model, Tokens tokens) {
        try (Run run = model.run(tokens)) {
            return Kernels.call("log_softmax", run.logits()).toFloatArray();
        }
    }
}
