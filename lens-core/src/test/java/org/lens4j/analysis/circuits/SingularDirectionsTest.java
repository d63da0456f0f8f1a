package org.lens4j.analysis.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lens4j.Fixtures;
import org.lens4j.Lens;
import org.lens4j.ToyModels;
import org.lens4j.error.RangeException;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Scope;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SingularDirectionsTest {
    private final HookedTransformer model = Lens.load("demo");

    @AfterAll
    void close() {
        model.close();
    }

    private static WeightPlace place(String name) {
        return switch (name) {
            case "OV" -> new WeightPlace.Ov(1, 1);
            case "w_in" -> new WeightPlace.WIn(1);
            default -> new WeightPlace.WOut(1);
        };
    }

    /** The matrix whose rows are in the residual stream: {@code [any d_model]}. */
    private NDArray matrix(String name, Scope scope) {
        return switch (name) {
            case "OV" -> HeadMatrices.ov(model, 1, 1, scope).ab();
            case "w_in" ->
                scope.alias(model.parameters().get("blocks.1.mlp.W_in")).transpose();
            default -> scope.alias(model.parameters().get("blocks.1.mlp.W_out"));
        };
    }

    /** A unit vector v that M stretches by s obeys M^T M v = s^2 v, and a token's score is v's share of its logit. */
    @ParameterizedTest
    @ValueSource(strings = {"OV", "w_in", "w_out"})
    void scores_are_logits_of_vectors_that_the_matrix_stretches(String name) {
        int said = model.config().dVocabOut();
        int width = model.config().dModel();
        SingularDirections found = SingularDirections.of(model, place(name), 3, said);
        try (Scope scope = Scope.root()) {
            NDArray m = matrix(name, scope);
            NDArray unembed = scope.alias(model.parameters().get("unembed.W_U"));
            NDArray gram = m.transpose().matMul(m);
            for (int i = 0; i < 3; i++) {
                float[] wanted = found.vectors().slice("direction", i).values();
                NDArray vector = scope.floats(wanted, new Shape(width, 1));
                assertThat(vector.norm().getFloat()).isCloseTo(1, within(1e-4f));
                float[] stretched = gram.matMul(vector).toFloatArray();
                float[] logits = vector.transpose().matMul(unembed).toFloatArray();
                double s = found.directions().get(i).singularValue();
                for (int j = 0; j < width; j++) {
                    assertThat(stretched[j] / (s * s)).isCloseTo(wanted[j], within(1e-3));
                }
                found.directions().get(i).raised().forEach(it -> assertThat(it.logit())
                        .isCloseTo(logits[Math.toIntExact(it.id())], within(1e-3f)));
            }
        }
    }

    @Test
    void what_an_mlp_reads_has_the_gain_of_the_norm_before_it() {
        try (HookedTransformer raw = Fixtures.raw(Fixtures.committed("gpt2"));
                Scope scope = Scope.root()) {
            int width = raw.config().dModel();
            SingularDirections found = SingularDirections.of(raw, new WeightPlace.WIn(1), 3, 1);
            float[] gain = raw.parameters().get("blocks.1.ln2.w").toFloatArray();
            NDArray in = scope.alias(raw.parameters().get("blocks.1.mlp.W_in"));
            for (int i = 0; i < 3; i++) {
                float[] gained = found.vectors().slice("direction", i).values().clone();
                for (int j = 0; j < width; j++) {
                    gained[j] *= gain[j];
                }
                float stretched = scope.floats(gained, new Shape(1, width))
                        .matMul(in)
                        .norm()
                        .getFloat();
                assertThat(found.directions().get(i).singularValue())
                        .as("direction " + i)
                        .isCloseTo(stretched, within(1e-4f));
            }
        }
    }

    @Test
    void both_ends_are_named_strongest_first() {
        SingularDirections found = SingularDirections.of(model, new WeightPlace.Ov(0, 0), 2, 4);
        assertThat(found.scores().shape()).isEqualTo("[direction=2 token=8]");
        assertThat(found.scores().axis("token").labels())
                .containsExactly("+1", "+2", "+3", "+4", "-1", "-2", "-3", "-4");
        assertThat(found.scores().at(0, 0))
                .isGreaterThanOrEqualTo(found.scores().at(0, 1));
        assertThat(found.scores().at(0, 4)).isLessThanOrEqualTo(found.scores().at(0, 5));
        assertThat(found.directions().get(0).singularValue())
                .isGreaterThanOrEqualTo(found.directions().get(1).singularValue());
        assertThat(found.tokens(0)).matches("(\\S+ ){4}\\|( \\S+){4}");
        assertThat(found.directions().get(0).raised().get(0).text())
                .isEqualTo(model.tokenizer()
                        .decode(found.directions().get(0).raised().get(0).id()));
    }

    @Test
    void more_than_there_is_is_refused() {
        assertThatThrownBy(() -> SingularDirections.of(model, new WeightPlace.Ov(0, 0), 1000, 4))
                .isInstanceOf(RangeException.class)
                .hasMessage("1000 directions of OV of L0H0 are asked for. Ask for 1 to %d."
                        .formatted(model.config().dHead()));
        assertThatThrownBy(() -> SingularDirections.of(model, new WeightPlace.WIn(99), 1, 1))
                .isInstanceOf(RangeException.class)
                .hasMessageStartingWith("demo has no layer 99");
        try (HookedTransformer heads = ToyModels.attentionOnly()) {
            assertThatThrownBy(() -> SingularDirections.of(heads, new WeightPlace.WOut(0), 1, 1))
                    .isInstanceOf(UsageException.class)
                    .hasMessage(
                            "Toy has no W_out of layer 0: it has no MLPs. Ask for a head: new WeightPlace.Ov(0, 0).");
        }
    }
}
