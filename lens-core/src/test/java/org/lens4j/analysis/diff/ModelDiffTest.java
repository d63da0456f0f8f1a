package org.lens4j.analysis.diff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.index.NDIndex;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.lens4j.Fixtures;
import org.lens4j.Lens;
import org.lens4j.analysis.Grid;
import org.lens4j.error.ShapeException;
import org.lens4j.error.StateException;
import org.lens4j.hook.Hooks;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.text.Tokens;

class ModelDiffTest {
    private static final String PROMPT = "When Mary and John went to the store";

    private static HookedTransformer model;

    @BeforeAll
    static void load() {
        model = Lens.load("demo");
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private static float at(Grid grid, String point, int layer) {
        return grid.at(grid.axis("hook_point").labels().indexOf(point), layer);
    }

    private static float most(Grid grid) {
        float most = 0;
        for (float value : grid.values()) {
            most = Math.max(most, Math.abs(value));
        }
        return most;
    }

    @Test
    void a_model_does_not_part_from_itself() {
        ModelDiff parted = ModelDiff.of(model, model, PROMPT);
        assertThat(most(parted.activations())).isZero();
        assertThat(most(parted.outside())).isZero();
        assertThat(most(parted.patternMax())).isZero();
        assertThat(most(parted.patternMean())).isZero();
        assertThat(most(parted.nextToken())).isZero();
    }

    @Test
    void raw_and_processed_weights_say_the_same_and_think_in_other_numbers() {
        ModelDiff parted = ModelDiff.of(model.raw(), model.processed(), PROMPT);
        assertThat(most(parted.nextToken())).isLessThan(1e-4f);
        assertThat(most(parted.patternMax())).isLessThan(1e-4f);
        // Folding moves gains into weights, and centring takes the mean out of the stream.
        assertThat(at(parted.activations(), "ln1.hook_normalized", 1)).isGreaterThan(0.1f);
        assertThat(at(parted.activations(), "attn.hook_pattern", 1)).isLessThan(1e-4f);
        assertThat(parted.outside().axis("hook_point").labels()).contains("hook_embed", "ln_final.hook_scale");
    }

    @Test
    void models_part_where_one_was_changed_and_behind_it() {
        try (HookedTransformer other = Lens.load("demo");
                var change = other.attach(Hooks.none().edit("blocks.1.attn.hook_pattern", (pattern, at) -> {
                    // Head 1 looks at the first token alone.
                    pattern.set(new NDIndex(":, 1"), 0f);
                    pattern.set(new NDIndex(":, 1, :, 0"), 1f);
                    return pattern;
                }))) {
            assertThat(change).isNotNull();
            ModelDiff parted = ModelDiff.of(model, other, PROMPT);
            assertThat(at(parted.activations(), "hook_resid_post", 0)).isZero();
            assertThat(at(parted.activations(), "hook_resid_pre", 1)).isZero();
            assertThat(at(parted.activations(), "hook_resid_post", 1)).isGreaterThan(0.01f);
            assertThat(parted.patternMax().at(0, 1)).isZero();
            assertThat(parted.patternMax().at(1, 0)).isZero();
            assertThat(parted.patternMax().at(1, 1)).isGreaterThan(0.1f);
            assertThat(parted.patternMean().at(1, 1)).isBetween(0.01f, 1f);
            assertThat(parted.nextToken().at(0))
                    .as("the first token sees itself alone")
                    .isCloseTo(0f, Offset.offset(1e-5f));
            assertThat(most(parted.nextToken())).isGreaterThan(1e-3f);
        }
    }

    @Test
    void numbers_are_those_of_their_definitions() {
        Tokens tokens = model.tokens(PROMPT);
        int pos = tokens.pos();
        Hooks firstTokenOnly = Hooks.none().edit("blocks.1.attn.hook_pattern", (pattern, at) -> {
            pattern.set(new NDIndex(":, 1"), 0f);
            pattern.set(new NDIndex(":, 1, :, 0"), 1f);
            return pattern;
        });
        try (HookedTransformer other = Lens.load("demo");
                var change = other.attach(firstTokenOnly);
                Run first = model.runWithCache(tokens);
                Run second = other.runWithCache(tokens)) {
            assertThat(change).isNotNull();
            ModelDiff parted = ModelDiff.of(model, other, tokens);
            String point = "blocks.1.hook_resid_post";
            float[] was = first.cache().get(point).toFloatArray();
            float[] is = second.cache().get(point).toFloatArray();
            double apart = 0;
            double size = 0;
            for (int i = 0; i < was.length; i++) {
                apart += Math.pow(is[i] - was[i], 2);
                size += Math.pow(was[i], 2);
            }
            assertThat(at(parted.activations(), "hook_resid_post", 1))
                    .isCloseTo((float) Math.sqrt(apart / size), Offset.offset(1e-5f));
            float[] looked = first.cache().get("blocks.1.attn.hook_pattern").toFloatArray();
            double elsewhere = 0;
            for (int query = 0; query < pos; query++) {
                elsewhere += 1 - looked[(pos + query) * pos];
            }
            assertThat(parted.patternMean().at(1, 1)).isCloseTo((float) (elsewhere / pos), Offset.offset(1e-5f));
            double most = 0;
            double back = 0;
            for (int at = 0; at < pos; at++) {
                double[] p = probabilities(first, at);
                double[] q = probabilities(second, at);
                assertThat(parted.nextToken().at(at)).isCloseTo((float) divergence(p, q), Offset.offset(1e-5f));
                back = divergence(p, q) > most ? divergence(q, p) : back;
                most = Math.max(most, divergence(p, q));
            }
            assertThat(back).as("the other way").isNotCloseTo(most, Offset.offset(1e-4));
        }
    }

    private static double divergence(double[] p, double[] q) {
        double sum = 0;
        for (int token = 0; token < p.length; token++) {
            sum += p[token] * Math.log(p[token] / q[token]);
        }
        return sum;
    }

    private static double[] probabilities(Run run, int pos) {
        float[] logits = run.logits().get(new NDIndex("0, {}", pos)).toFloatArray();
        double[] probabilities = new double[logits.length];
        double sum = 0;
        for (int token = 0; token < logits.length; token++) {
            probabilities[token] = Math.exp(logits[token]);
            sum += probabilities[token];
        }
        for (int token = 0; token < logits.length; token++) {
            probabilities[token] /= sum;
        }
        return probabilities;
    }

    @Test
    void other_shapes_and_no_tokenizer_are_refused() {
        try (HookedTransformer gpt2 =
                Lens.load(Fixtures.committed("gpt2").toAbsolutePath().toString())) {
            Tokens tokens = Tokens.of(new long[] {1, 2});
            assertThatThrownBy(() -> ModelDiff.of(model, gpt2, tokens))
                    .isInstanceOf(ShapeException.class)
                    .hasMessageStartingWith(
                            "demo and gpt2 cannot be compared point by point: they have different shapes (")
                    .hasMessageContaining("d_model 64 and ")
                    .hasMessageEndingWith("Compare models of one shape.");
            assertThatThrownBy(() -> ModelDiff.of(model, gpt2, PROMPT)).isInstanceOf(StateException.class);
        }
    }
}
