package org.lens4j.analysis.circuits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.tensor.Slice;

/**
 * A large matrix of low rank as the product of two thin ones, {@code A [.. left inner] B [.. inner right]}; leading axes are
 * matrices side by side. Nothing of the size left × right is made unless {@link #ab} is asked for. TransformerLens:
 * {@code FactoredMatrix}.
 *
 * <p>Native memory: whatever comes of a matrix belongs to the owner of its {@code A}.
 *
 * <pre>{@code
 * try (Scope scope = Scope.root()) {
 *     FactoredMatrix ov = HeadMatrices.ov(model, 9, 6, scope);
 *     float size = ov.norm().getFloat();
 *     float[] values = ov.svd().s().toFloatArray();
 * }
 * }</pre>
 *
 * @param a {@code [.. left inner]}
 * @param b {@code [.. inner right]}
 */
public record FactoredMatrix(NDArray a, NDArray b) {
    /**
     * Compares the shapes.
     *
     * @throws ShapeException if the inner sizes differ, or the leading axes cannot be paired
     */
    public FactoredMatrix {
        Shape left = a.getShape();
        Shape right = b.getShape();
        boolean fits = left.dimension() >= 2
                && right.dimension() >= 2
                && left.get(left.dimension() - 1) == right.get(right.dimension() - 2)
                && pair(left, right);
        if (!fits) {
            throw new ShapeException(
                    "%s and %s are no factors of a matrix. Give [.. left inner] and [.. inner right] with the same inner and leading axes that are equal or 1."
                            .formatted(left, right));
        }
    }

    private static boolean pair(Shape left, Shape right) {
        for (int i = 3; i <= Math.min(left.dimension(), right.dimension()); i++) {
            long one = left.get(left.dimension() - i);
            long other = right.get(right.dimension() - i);
            if (one != other && one != 1 && other != 1) {
                return false;
            }
        }
        return true;
    }

    /** The shape of the product, {@code [.. left right]}. */
    public Shape shape() {
        Shape left = a.getShape();
        Shape right = b.getShape();
        int rank = Math.max(left.dimension(), right.dimension());
        long[] sizes = new long[rank];
        for (int i = 3; i <= rank; i++) {
            long one = i <= left.dimension() ? left.get(left.dimension() - i) : 1;
            long other = i <= right.dimension() ? right.get(right.dimension() - i) : 1;
            sizes[rank - i] = Math.max(one, other);
        }
        sizes[rank - 2] = left.get(left.dimension() - 2);
        sizes[rank - 1] = right.get(right.dimension() - 1);
        return new Shape(sizes);
    }

    /** How many axes the product has. */
    public int rank() {
        return shape().dimension();
    }

    /** The left size. TransformerLens: {@code ldim}. */
    public long left() {
        return a.getShape().get(a.getShape().dimension() - 2);
    }

    /** The size the two factors share; no smaller than the product's rank. TransformerLens: {@code mdim}. */
    public long inner() {
        return a.getShape().get(a.getShape().dimension() - 1);
    }

    /** The right size. TransformerLens: {@code rdim}. */
    public long right() {
        return b.getShape().get(b.getShape().dimension() - 1);
    }

    /** The whole product {@code [.. left right]}. */
    public NDArray ab() {
        return Kernels.call("matmul", a, b);
    }

    /** The factors the other way round, {@code [.. inner inner]}: small, with the same eigenvalues. */
    public NDArray ba() {
        requireSquare("B A");
        return Kernels.call("product", a, b, a);
    }

    /** The transpose, in factors. TransformerLens: {@code T}. */
    public FactoredMatrix transpose() {
        return new FactoredMatrix(mine("transposed", b), Kernels.call("transposed", a));
    }

    /**
     * This matrix times a vector {@code [right]}.
     *
     * @return {@code [.. left]}
     * @throws ShapeException if it has another size
     */
    public NDArray timesVector(NDArray vector) {
        require(vector.getShape().dimension() == 1 && vector.getShape().get(0) == right(), vector.getShape());
        NDArray inside = Kernels.call("product", a, b, vector);
        return Kernels.call("product", a, a, inside.expandDims(-1)).squeeze(-1);
    }

    /**
     * This matrix times {@code [.. right other]}; the smaller product is made at once. TransformerLens: {@code @}.
     *
     * @throws ShapeException if the sizes do not fit
     */
    public FactoredMatrix times(NDArray matrix) {
        Shape shape = matrix.getShape();
        require(shape.dimension() >= 2 && shape.get(shape.dimension() - 2) == right(), shape);
        return right() > inner()
                ? new FactoredMatrix(a, Kernels.call("product", a, b, matrix))
                : new FactoredMatrix(ab(), matrix);
    }

    /** This matrix times another one in factors. TransformerLens: {@code @}. */
    public FactoredMatrix times(FactoredMatrix other) {
        return times(other.a).times(other.b);
    }

    /**
     * {@code [.. other left]} times this matrix. TransformerLens: {@code @} from the left.
     *
     * @throws ShapeException if the sizes do not fit
     */
    public FactoredMatrix after(NDArray matrix) {
        Shape shape = matrix.getShape();
        require(shape.dimension() >= 2 && shape.get(shape.dimension() - 1) == left(), shape);
        return left() > inner()
                ? new FactoredMatrix(Kernels.call("product", a, matrix, a), mine("identity", b))
                : new FactoredMatrix(mine("identity", matrix), ab());
    }

    private void require(boolean fits, Shape other) {
        if (!fits) {
            throw new ShapeException(
                    "%s and %s cannot be multiplied: the sizes that meet differ. Transpose one of them."
                            .formatted(shape(), other));
        }
    }

    /** This matrix, every number multiplied. */
    public FactoredMatrix scaled(float factor) {
        try (Scope scope = Scope.root()) {
            return new FactoredMatrix(Kernels.call("gain", a, scope.scalar(factor)), b);
        }
    }

    /**
     * Singular values, largest first, and their vectors: {@code A B = U diag(S) V^T}.
     *
     * @param u {@code [.. left k]}, k being the smallest of left, inner and right
     * @param s {@code [.. k]}
     * @param v {@code [.. right k]}, one vector in each column; TransformerLens calls this one {@code Vh}
     */
    public record Svd(NDArray u, NDArray s, NDArray v) {}

    /** The singular value decomposition, through two QR and one small SVD. */
    public Svd svd() {
        NDList found = Kernels.callForList("factored_svd", a, b);
        return new Svd(found.get(0), found.get(1), found.get(2));
    }

    /**
     * The eigenvalues that are not 0 because of the shape, those of B A, in no order.
     *
     * @return {@code [.. inner 2]}, real and imaginary parts
     * @throws ShapeException if the matrix is not square
     */
    public NDArray eigenvalues() {
        requireSquare("eigenvalues");
        return Kernels.call("eigenvalues", ba());
    }

    private void requireSquare(String what) {
        if (left() != right()) {
            throw new ShapeException(
                    "A matrix of %s has no %s: it is not square. Take its svd().".formatted(shape(), what));
        }
    }

    /** The root of the sum of squares, {@code [..]}: the Frobenius norm. */
    public NDArray norm() {
        return Kernels.call("factored_norm", a, b);
    }

    /** The same matrix with both factors equally long: {@code U sqrt(S)} and {@code sqrt(S) V^T}. */
    public FactoredMatrix makeEven() {
        Svd svd = svd();
        try (Scope scope = Scope.root()) {
            NDArray root = scope.scalar(1f);
            NDArray right = Kernels.call("scaled_columns", svd.v(), svd.s(), root);
            return new FactoredMatrix(
                    Kernels.call("scaled_columns", svd.u(), svd.s(), root), Kernels.call("transposed", right));
        }
    }

    /** {@code diag(S) V^T}, {@code [.. k right]}: the product seen from the right alone. TransformerLens: {@code collapse_l}. */
    public NDArray collapseLeft() {
        Svd svd = svd();
        try (Scope scope = Scope.root()) {
            NDArray right = Kernels.call("scaled_columns", svd.v(), svd.s(), scope.scalar(0f));
            return Kernels.call("transposed", right);
        }
    }

    /** {@code U diag(S)}, {@code [.. left k]}. TransformerLens: {@code collapse_r}. */
    public NDArray collapseRight() {
        Svd svd = svd();
        try (Scope scope = Scope.root()) {
            return Kernels.call("scaled_columns", svd.u(), svd.s(), scope.scalar(0f));
        }
    }

    /**
     * One of the matrices that stand side by side.
     *
     * @param index of each leading axis, outermost first; fewer leave a matrix with the others
     * @throws RangeException if there is none
     */
    public FactoredMatrix at(int... index) {
        int leading = rank() - 2;
        if (index.length > leading) {
            throw new ShapeException(
                    "%s has %d leading axes, and %d indices were given: %s. Rows and columns are taken with rows(…) and columns(…)."
                            .formatted(shape(), leading, index.length, Arrays.toString(index)));
        }
        return new FactoredMatrix(selected(a, leading, index), selected(b, leading, index));
    }

    /** An axis that a factor lacks, or has once for all, is not indexed in it. */
    private NDArray selected(NDArray factor, int leading, int... index) {
        NDArray part = mine("identity", factor);
        int missing = leading - (factor.getShape().dimension() - 2);
        for (int i = index.length - 1; i >= 0; i--) {
            RangeException.index("matrix", index[i], Math.toIntExact(shape().get(i)), "Axis " + i);
            int axis = i - missing;
            if (axis >= 0) {
                part = Slice.at(part.getShape().get(axis) == 1 ? 0 : index[i]).of(part, axis, "matrix");
            }
        }
        return part;
    }

    /**
     * The same with a leading axis of 1 more, to pair these matrices with others along it. TransformerLens: {@code unsqueeze}.
     *
     * @param axis where it goes, 0 for outermost
     * @throws RangeException if it is not among the leading axes
     */
    public FactoredMatrix unsqueeze(int axis) {
        int leading = rank() - 2;
        RangeException.index("axis", axis, leading + 1, "The place of a new leading axis");
        return new FactoredMatrix(widened(a, axis, leading), widened(b, axis, leading));
    }

    /** A factor that lacks the axes before the new one needs none: it is the same for all. */
    private NDArray widened(NDArray factor, int axis, int leading) {
        int at = axis - (leading - (factor.getShape().dimension() - 2));
        NDArray own = mine("identity", factor);
        return at < 0 ? own : own.expandDims(at);
    }

    /** Some rows of every matrix, in factors; a single one stays an axis. */
    public FactoredMatrix rows(Slice rows) {
        int axis = a.getShape().dimension() - 2;
        return new FactoredMatrix(kept(rows, left()).of(a, axis, "row"), b);
    }

    /** Some columns of every matrix, in factors; a single one stays an axis. */
    public FactoredMatrix columns(Slice columns) {
        int axis = b.getShape().dimension() - 1;
        return new FactoredMatrix(a, kept(columns, right()).of(mine("identity", b), axis, "column"));
    }

    private static Slice kept(Slice slice, long size) {
        return slice instanceof Slice.At ? Slice.picks(slice.indices("row or column", size)[0]) : slice;
    }

    /** The upper left corner of the product, at most {@code [.. n n]}. */
    public NDArray corner(int n) {
        return rows(Slice.to(n)).columns(Slice.to(n)).ab();
    }

    /** A kernel's result of another owner's tensor, owned by {@code a}'s owner. */
    private NDArray mine(String kernel, NDArray foreign) {
        try (Scope scope = new Scope(a.getManager())) {
            return Kernels.call(kernel, scope.keep(scope.alias(foreign)));
        }
    }

    /** The sizes, for example {@code FactoredMatrix (12, 768, 768) through 64}. */
    @Override
    public String toString() {
        String sizes = LongStream.of(shape().getShape())
                .mapToObj(Long::toString)
                .collect(java.util.stream.Collectors.joining(" ", "[", "]"));
        return "FactoredMatrix %s through %d".formatted(sizes, inner());
    }
}
