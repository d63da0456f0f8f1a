package org.lens4j.analysis.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.tensor.Scope;
import org.lens4j.tensor.Slice;

/** What is computed in factors is what is computed of the whole. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FactoredMatrixTest {
    private static final float CLOSE = 1e-4f;

    private final Scope scope = Scope.root();
    private final Random random = new Random(4);
    /** Three matrices 5 × 7 of rank 2, side by side. */
    private final FactoredMatrix three = new FactoredMatrix(tensor(3, 5, 2), tensor(3, 2, 7));

    private final FactoredMatrix square = new FactoredMatrix(tensor(6, 3), tensor(3, 6));

    @AfterAll
    void close() {
        scope.close();
    }

    private NDArray tensor(long... sizes) {
        Shape shape = new Shape(sizes);
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return scope.floats(values, shape);
    }

    private static void assertSame(NDArray expected, NDArray actual) {
        assertThat(actual.getShape()).isEqualTo(expected.getShape());
        assertThat(actual.toFloatArray()).containsExactly(expected.toFloatArray(), within(CLOSE));
    }

    @Test
    void sizes_are_those_of_the_product() {
        assertThat(three.shape()).isEqualTo(new Shape(3, 5, 7));
        assertThat(three.left()).isEqualTo(5);
        assertThat(three.inner()).isEqualTo(2);
        assertThat(three.right()).isEqualTo(7);
        assertThat(three.rank()).isEqualTo(3);
        assertThat(three).hasToString("FactoredMatrix [3 5 7] through 2");
        assertThat(new FactoredMatrix(tensor(1, 5, 2), tensor(4, 3, 2, 7)).shape())
                .isEqualTo(new Shape(4, 3, 5, 7));
    }

    @Test
    void products_are_those_of_the_whole_on_either_side_of_the_bottleneck() {
        NDArray whole = three.ab();
        NDArray vector = tensor(7);
        assertSame(whole.matMul(vector.reshape(7, 1)).squeeze(-1), three.timesVector(vector));
        for (long width : new long[] {1, 4}) {
            NDArray right = tensor(7, width);
            assertSame(whole.matMul(right), three.times(right).ab());
            NDArray left = tensor(width, 5);
            assertSame(
                    left.broadcast(3, width, 5).matMul(whole), three.after(left).ab());
        }
        FactoredMatrix wide = new FactoredMatrix(tensor(2, 5), tensor(5, 3));
        NDArray right = tensor(3, 4);
        assertSame(wide.ab().matMul(right), wide.times(right).ab());
        NDArray left = tensor(4, 2);
        assertSame(left.matMul(wide.ab()), wide.after(left).ab());
        FactoredMatrix other = new FactoredMatrix(tensor(7, 2), tensor(2, 4));
        assertSame(whole.matMul(other.ab()), three.times(other).ab());
        assertSame(whole.transpose(0, 2, 1), three.transpose().ab());
        assertSame(whole.mul(scope.scalar(-2.5f)), three.scaled(-2.5f).ab());
    }

    @Test
    void singular_vectors_make_the_matrix_again_and_are_orthogonal() {
        FactoredMatrix.Svd svd = three.svd();
        assertThat(svd.s().getShape()).isEqualTo(new Shape(3, 2));
        NDArray scaled = svd.u().mul(svd.s().expandDims(1));
        assertSame(three.ab(), scaled.matMul(svd.v().transpose(0, 2, 1)));
        NDArray unit = svd.v().transpose(0, 2, 1).matMul(svd.v());
        assertSame(scope.manager().eye(2).broadcast(3, 2, 2), unit);
        assertSame(three.ab(), three.makeEven().ab());
        FactoredMatrix even = three.makeEven();
        assertSame(
                even.a().transpose(0, 2, 1).matMul(even.a()),
                even.b().matMul(even.b().transpose(0, 2, 1)));
        assertSame(three.ab(), svd.u().matMul(three.collapseLeft()));
        assertSame(three.ab(), three.collapseRight().matMul(svd.v().transpose(0, 2, 1)));
    }

    @Test
    void the_norm_is_the_length_of_all_numbers() {
        float[] whole = three.ab().get(1).toFloatArray();
        double squares = 0;
        for (float value : whole) {
            squares += value * value;
        }
        assertThat((double) three.norm().getFloat(1)).isCloseTo(Math.sqrt(squares), within(1e-4));
    }

    @Test
    void eigenvalues_sum_to_the_trace_and_those_of_a_known_matrix_are_known() {
        float[] pairs = square.eigenvalues().toFloatArray();
        NDArray whole = square.ab();
        float trace = 0;
        for (int i = 0; i < 6; i++) {
            trace += whole.getFloat(i, i);
        }
        assertThat(pairs[0] + pairs[2] + pairs[4]).isCloseTo(trace, within(1e-3f));
        // A rotation by a right angle has the eigenvalues i and -i.
        NDArray turn = scope.floats(new float[] {0, -1, 1, 0}, new Shape(2, 2));
        float[] found =
                new FactoredMatrix(turn, scope.manager().eye(2)).eigenvalues().toFloatArray();
        assertThat(found[0]).isCloseTo(0, within(CLOSE));
        assertThat(Math.abs(found[1])).isCloseTo(1, within(CLOSE));
        assertThat(found[3]).isCloseTo(-found[1], within(CLOSE));
    }

    @Test
    void parts_are_taken_in_factors() {
        assertSame(three.ab().get(2), three.at(2).ab());
        assertSame(three.ab().get(":, 1:3, :"), three.rows(Slice.range(1, 3)).ab());
        assertSame(three.ab().get(":, :, 4:5"), three.columns(Slice.at(4)).ab());
        assertSame(three.ab().get(":, :2, :2"), three.corner(2));
        FactoredMatrix shared = new FactoredMatrix(tensor(5, 2), tensor(3, 2, 7));
        assertSame(shared.ab().get(1), shared.at(1).ab());
    }

    @Test
    void what_comes_of_it_belongs_to_its_owner() {
        try (Scope own = Scope.root()) {
            FactoredMatrix mine = new FactoredMatrix(own.copy(square.a()), own.copy(square.b()));
            int before = scope.size();
            mine.after(square.ab().duplicate())
                    .times(square)
                    .transpose()
                    .makeEven()
                    .columns(Slice.to(1));
            // The two products of the foreign matrix itself, and nothing else, stay with its owner.
            assertThat(scope.size()).isEqualTo(before + 2);
        }
    }

    @Test
    void a_new_axis_pairs_every_matrix_with_every_other() {
        FactoredMatrix others = new FactoredMatrix(tensor(4, 7, 2), tensor(4, 2, 5));
        NDArray pairs = three.unsqueeze(1).times(others.unsqueeze(0)).ab();
        assertThat(pairs.getShape()).isEqualTo(new Shape(3, 4, 5, 5));
        assertSame(three.at(2).times(others.at(1)).ab(), pairs.get(2, 1));
        FactoredMatrix shared = new FactoredMatrix(tensor(5, 2), tensor(3, 2, 7));
        for (int axis = 0; axis < 2; axis++) {
            assertSame(shared.ab().expandDims(axis), shared.unsqueeze(axis).ab());
        }
        assertThatThrownBy(() -> three.unsqueeze(2))
                .isInstanceOf(RangeException.class)
                .hasMessage(
                        "The place of a new leading axis has no axis 2: it has 2, numbered 0 to 1. Ask for one of those.");
    }

    @Test
    void factors_that_do_not_meet_are_refused() {
        assertThatThrownBy(() -> new FactoredMatrix(tensor(5, 2), tensor(3, 7)))
                .isInstanceOf(ShapeException.class)
                .hasMessage("(5, 2) and (3, 7) are no factors of a matrix. Give [.. left inner] and [.. inner right]"
                        + " with the same inner and leading axes that are equal or 1.");
        assertThatThrownBy(() -> new FactoredMatrix(tensor(4, 5, 2), tensor(3, 2, 7)))
                .isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> three.times(tensor(5, 2)))
                .hasMessage("(3, 5, 7) and (5, 2) cannot be multiplied: the sizes that meet differ. Transpose one of"
                        + " them.");
        assertThatThrownBy(() -> three.timesVector(tensor(5))).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> three.after(tensor(2, 7))).isInstanceOf(ShapeException.class);
        assertThatThrownBy(() -> three.eigenvalues())
                .hasMessage("A matrix of (3, 5, 7) has no eigenvalues: it is not square. Take its svd().");
        assertThatThrownBy(() -> three.at(3)).isInstanceOf(RangeException.class);
        assertThatThrownBy(() -> three.at(0, 1))
                .hasMessage("(3, 5, 7) has 1 leading axes, and 2 indices were given: [0, 1]. Rows and columns are"
                        + " taken with rows(…) and columns(…).");
    }
}
