package org.lens4j.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Optional;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/**
 * A table of which a run reads a few rows: the token embedding. Its numbers stay in the file, and rows are rewritten when
 * they are looked up, until somebody asks for the whole table.
 */
public final class RowTable {
    private final NDArray stored;
    private final Scope scope;
    private volatile boolean centred;
    private volatile Optional<NDArray> whole = Optional.empty();

    /**
     * A table as it is stored.
     *
     * @param stored {@code [row width]}, never written into
     * @param owner gets the whole table, if it is ever asked for
     */
    public RowTable(NDArray stored, Scope owner) {
        this.stored = stored;
        // A scope of its own: the owner may be capped by the time somebody asks.
        this.scope = new Scope(owner);
    }

    /** Takes the mean of every row out of it. */
    synchronized void centre() {
        centred = true;
        whole.ifPresent(RowTable::centreInPlace);
    }

    /**
     * The rows of these numbers.
     *
     * @param ids int64 {@code [..]}
     * @return {@code [.. width]}, owned by the ids' manager
     */
    NDArray rows(NDArray ids) {
        Optional<NDArray> table = whole;
        if (table.isPresent() || !centred) {
            return Kernels.call("embed", ids, table.orElse(stored));
        }
        NDArray rows = Kernels.call("embed", ids, stored);
        centreInPlace(rows);
        return rows;
    }

    /** The whole table in native memory; made at the first call. */
    synchronized NDArray whole() {
        if (whole.isEmpty()) {
            NDArray copy = scope.copy(stored);
            if (centred) {
                centreInPlace(copy);
            }
            whole = Optional.of(copy);
        }
        return whole.get();
    }

    /** How many numbers it has. */
    long count() {
        return stored.size();
    }

    /** {@code [row width]}; reads nothing. */
    Shape shape() {
        return stored.getShape();
    }

    private static void centreInPlace(NDArray table) {
        Kernels.inPlace("centre_outputs_in_place", table);
    }
}
