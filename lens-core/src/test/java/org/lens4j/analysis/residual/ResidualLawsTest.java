package org.lens4j.analysis.residual;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import org.lens4j.RandomModel;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.parity.Difference;
import org.lens4j.hook.HookPoint;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.tensor.Scope;
import org.lens4j.tensor.Slice;
import org.lens4j.text.Tokens;

/** The parts sum to the whole, whatever the model's shape. */
class ResidualLawsTest {
    private static final String SEED = "5";
    private static final int TRIES = 60;

    @Provide
    Arbitrary<RandomModel> models() {
        return RandomModel.any();
    }

    private static void assertSame(RandomModel random, String what, float[] expected, float[] actual) {
        assertThat(actual).as(what + " of " + random).hasSameSizeAs(expected);
        assertThat(Difference.of(expected, actual).relative())
                .as(what + " of " + random)
                .isLessThan(RandomModel.TOLERANCE);
    }

    private static StackOptions whole(HookedTransformer model) {
        boolean neurons = HookPoint.MLP_POST.isIn(model.config());
        return neurons ? StackOptions.defaults() : StackOptions.defaults().withWholeMlps();
    }

    private static float[] sum(ResidualStack stack) {
        try (Scope scope = Scope.root()) {
            return stack.sum(scope).toFloatArray();
        }
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void heads_neurons_embeddings_and_biases_sum_to_the_residual_stream(@ForAll("models") RandomModel random) {
        Tokens tokens = random.tokens();
        try (HookedTransformer model = random.open();
                ResidualStream stream = ResidualStream.of(model, tokens);
                Run run = model.runWithCache(tokens)) {
            int layer = random.dice().nextInt(model.config().nLayers() + 1);
            float[] there = run.cache()
                    .get(SourceList.stream(layer, model.config()).full())
                    .toFloatArray();
            try (ResidualStack all = stream.full(whole(model).withLayer(layer));
                    ResidualStack parts =
                            stream.decomposed(StackOptions.defaults().withLayer(layer));
                    ResidualStack heads = stream.heads(
                            StackOptions.defaults().withLayer(layer).withRemainder())) {
                assertSame(random, "everything", there, sum(all));
                assertSame(random, "the parts", there, sum(parts));
                assertSame(random, "heads and remainder", there, sum(heads));
            }
            if (HookPoint.RESID_MID.isIn(model.config())) {
                int l = random.dice().nextInt(model.config().nLayers());
                float[] mid = run.cache().get("resid_mid", l).toFloatArray();
                try (ResidualStack all = stream.full(whole(model).withLayer(l).withMlpInput())) {
                    assertSame(random, "what an MLP reads", mid, sum(all));
                }
            }
        }
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void attributions_sum_to_the_logit_difference(@ForAll("models") RandomModel random) {
        Tokens tokens = random.tokens();
        Random dice = random.dice();
        try (HookedTransformer model = random.open();
                Run run = model.run(tokens)) {
            int said = model.config().dVocabOut();
            long[] right = {dice.nextInt(said), dice.nextInt(said)};
            long[] wrong = {dice.nextInt(said), dice.nextInt(said)};
            Answers answers = dice.nextBoolean() ? Answers.ofIds(right).againstIds(wrong) : Answers.ofIds(right);
            OptionalInt at = dice.nextBoolean() ? OptionalInt.empty() : OptionalInt.of(dice.nextInt(tokens.pos()));
            List<LogitAttribution.By> ways = HookPoint.MLP_POST.isIn(model.config())
                    ? List.of(LogitAttribution.By.LAYER, LogitAttribution.By.POS, LogitAttribution.By.COMPONENT)
                    : List.of(LogitAttribution.By.LAYER, LogitAttribution.By.POS);
            for (LogitAttribution.By by : ways) {
                LogitAttribution found = LogitAttribution.of(model, tokens, answers, by, at);
                for (int row = 0; row < 2; row++) {
                    String what = by + " of row " + row;
                    assertSame(random, what, new float[] {found.totals().get(row)}, new float[] {found.sum(row)});
                    if (model.config().logitSoftcap() == 0) {
                        int pos = at.orElse(tokens.pos() - 1);
                        float logit = run.logits().getFloat(row, pos, right[row])
                                - (answers.wrong().isEmpty() ? 0 : run.logits().getFloat(row, pos, wrong[row]));
                        assertSame(random, what, new float[] {logit}, new float[] {
                            found.totals().get(row)
                        });
                    }
                }
            }
        }
    }

    /** Folding a direction into the weights gives what the components dotted with it give. */
    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void projections_are_the_components_along_the_direction(@ForAll("models") RandomModel random) {
        Tokens tokens = random.tokens();
        Random dice = random.dice();
        try (HookedTransformer model = random.open();
                ResidualStream stream = ResidualStream.of(model, tokens);
                Scope scope = Scope.root()) {
            int dModel = model.config().dModel();
            float[] direction = new float[dModel * 2];
            for (int i = 0; i < direction.length; i++) {
                direction[i] = (float) dice.nextGaussian();
            }
            NDArray two = scope.floats(direction, new Shape(dModel, 2));
            StackOptions options = StackOptions.defaults()
                    .withPositions(Slice.at(-1))
                    .withLn(dice.nextBoolean() ? StackOptions.Ln.NONE : StackOptions.Ln.OF_THE_RUN);
            for (Decomposition by : Decomposition.values()) {
                boolean needed = by == Decomposition.NEURONS || by == Decomposition.FULL;
                if (needed && !HookPoint.MLP_POST.isIn(model.config())) {
                    continue;
                }
                try (ResidualStack stack = stream.stack(by, options)) {
                    float[] expected = stack.tensor().matMul(two).toFloatArray();
                    Grid grid = stream.onto(by, two, options);
                    assertSame(random, by.name(), expected, grid.values());
                    assertThat(grid.axis("component").labels()).isEqualTo(stack.labels());
                    Grid one = stream.onto(by, two.get(":, 0"), options);
                    assertSame(
                            random,
                            by.name(),
                            one.values(),
                            grid.slice("direction", 0).values());
                }
            }
        }
    }

    /** Dividing by the scale of the run is linear, so the divided parts sum to what the last norm makes of the whole. */
    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF)
    void divided_parts_sum_to_the_divided_whole(@ForAll("models") RandomModel random) {
        try (HookedTransformer model = random.open();
                ResidualStream stream = ResidualStream.of(model, random.tokens());
                ResidualStack parts = stream.decomposed(StackOptions.defaults().withLn());
                ResidualStack plain = stream.decomposed(StackOptions.defaults());
                ResidualStack later = stream.normalized(plain, model.config().nLayers(), false);
                ResidualStack lens = stream.accumulated(StackOptions.defaults().withLn())) {
            float[] own = lens.tensor().get(lens.size() - 1).toFloatArray();
            assertSame(random, "the divided parts", own, sum(parts));
            assertSame(
                    random,
                    "divided later",
                    parts.tensor().toFloatArray(),
                    later.tensor().toFloatArray());
        }
    }
}
