package org.lens4j.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lens4j.Fixtures;
import org.lens4j.RandomModel;
import org.lens4j.analysis.parity.Difference;
import org.lens4j.hook.Hooks;
import org.lens4j.text.Tokens;

/** Who looks changes nothing: fused and explicit attention, whole and explicit norms, one product and three agree. */
class WatchedLawsTest {
    /** Two orders of float32 sums. */
    private static final double ROUNDING = 1e-5;

    /** Each brings other operators into the pass. */
    private static final List<String> WATCHED = List.of(
            "*",
            "blocks.*.attn.hook_pattern",
            "blocks.*.attn.hook_attn_scores",
            "blocks.*.attn.hook_z",
            "blocks.*.attn.hook_q",
            "blocks.0.attn.hook_v");

    static Stream<Path> models() {
        return Fixtures.decoders().stream();
    }

    @Provide
    Arbitrary<RandomModel> any() {
        return RandomModel.any();
    }

    private static double apart(HookedTransformer model, Tokens tokens, RunOptions one, RunOptions other) {
        return Difference.of(RandomModel.logits(model, tokens, one), RandomModel.logits(model, tokens, other))
                .relative();
    }

    @ParameterizedTest
    @MethodSource("models")
    void logits_are_the_same_to_1e5_whoever_looks(Path folder) {
        Tokens tokens = Fixtures.tokens(Fixtures.expected(folder));
        try (HookedTransformer model = Fixtures.raw(folder)) {
            for (String glob : WATCHED) {
                RunOptions watched = RunOptions.defaults().withCached(glob);
                assertThat(apart(model, tokens, RunOptions.defaults(), watched))
                        .as(glob)
                        .isLessThan(ROUNDING);
            }
            Hooks sameAgain = Hooks.none().edit("blocks.*", (activation, at) -> activation);
            assertThat(apart(
                            model,
                            tokens,
                            RunOptions.defaults(),
                            RunOptions.defaults().withHooks(sameAgain)))
                    .isLessThan(ROUNDING);
        }
    }

    @Property(tries = 40, seed = "21", shrinking = ShrinkingMode.OFF)
    void logits_are_the_same_whoever_looks_in_models_of_any_shape(@ForAll("any") RandomModel random) {
        try (HookedTransformer model = random.open()) {
            Tokens tokens = random.tokens();
            assertThat(apart(
                            model,
                            tokens,
                            RunOptions.defaults(),
                            RunOptions.defaults().withCached("*")))
                    .as(random.toString())
                    .isLessThan(RandomModel.TOLERANCE);
        }
    }
}
