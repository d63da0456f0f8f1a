package org.lens4j.process;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.lens4j.RandomModel;
import org.lens4j.analysis.parity.Difference;
import org.lens4j.config.Norm;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.weights.Parameters;

/** A rewrite leaves the log-probabilities, or says that it was skipped and leaves the parameters. */
class ProcessingLawsTest {
    private static final String SEED = "22";
    private static final int TRIES = 40;

    @Provide
    Arbitrary<RandomModel> models() {
        return RandomModel.any();
    }

    private static float[] logProbs(RandomModel random, HookedTransformer model) {
        try (Run run = model.run(random.tokens())) {
            return Kernels.call("log_softmax", run.logits()).toFloatArray();
        }
    }

    private static float[] values(Parameters parameters, String name) {
        try (Scope scope = Scope.root()) {
            return scope.copy(parameters.get(name)).toFloatArray();
        }
    }

    private static void assertLeaves(RandomModel random, Processing processing) {
        try (HookedTransformer model = random.open()) {
            float[] expected = logProbs(random, model);
            Processing.Outcome outcome = processing.apply(random.config(), model.parameters(), Scope.root());
            Set<String> accounted = new HashSet<>(outcome.applied());
            outcome.skipped().forEach(it -> accounted.add(it.pass()));
            assertThat(accounted).hasSameSizeAs(processing.switches());
            if (outcome.applied().isEmpty()) {
                for (String name : model.parameters().names()) {
                    assertThat(values(outcome.parameters(), name)).isEqualTo(values(model.parameters(), name));
                }
            }
            try (HookedTransformer processed =
                    new HookedTransformer("processed", random.config(), outcome.parameters(), Optional.empty())) {
                assertThat(Difference.of(expected, logProbs(random, processed)).relative())
                        .as("%s after %s, without %s", random, outcome.applied(), outcome.skipped())
                        .isLessThan(RandomModel.TOLERANCE);
            }
        }
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void each_pass_alone_leaves_log_probabilities(@ForAll("models") RandomModel random) {
        for (Processing.Switch each : Processing.Switch.values()) {
            assertLeaves(random, Processing.none().with(each));
        }
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void passes_together_leave_log_probabilities(@ForAll("models") RandomModel random) {
        assertLeaves(random, Processing.standard());
        assertLeaves(random, new Processing(EnumSet.allOf(Processing.Switch.class)));
        Set<Processing.Switch> some = EnumSet.allOf(Processing.Switch.class);
        some.removeIf(it -> random.dice().nextBoolean());
        assertLeaves(random, new Processing(some));
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void folded_norms_have_gain_one_and_offset_zero(@ForAll("models") RandomModel random) {
        try (HookedTransformer model = random.open()) {
            Processing fold = Processing.none().with(Processing.Switch.FOLD_LN);
            Processing.Outcome outcome = fold.apply(random.config(), model.parameters(), Scope.root());
            try (Parameters folded = outcome.parameters()) {
                boolean applied = outcome.applied().contains("fold_ln");
                if (applied && random.config().norms().last() != Norm.NONE) {
                    assertThat(values(folded, "ln_final.w")).containsOnly(1f);
                }
                if (applied && random.config().norms().blocks() == Norm.LAYER) {
                    assertThat(values(folded, "blocks.0.ln1.b")).containsOnly(0f);
                }
                NDArray untouched = model.parameters().get("embed.W_E");
                assertThat(values(folded, "embed.W_E")).isEqualTo(untouched.toFloatArray());
            }
        }
    }
}
