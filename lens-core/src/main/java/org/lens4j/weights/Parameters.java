package org.lens4j.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.lens4j.error.Glob;
import org.lens4j.error.UnknownNameException;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;

/**
 * The parameters of a model under TransformerLens's names ({@code blocks.0.attn.W_Q}) and in its layouts. Owns their
 * memory; closing frees it.
 */
public final class Parameters implements AutoCloseable {
    private final Scope scope;
    private final Map<String, NDArray> byName;
    private final Map<String, RowTable> tables;
    private final Set<String> names;

    /**
     * Takes ownership.
     *
     * @param scope owns every tensor
     * @param byName in the model's order
     */
    public Parameters(Scope scope, Map<String, NDArray> byName) {
        this(scope, byName, Map.of());
    }

    /**
     * Takes ownership of parameters of which some stay in their file.
     *
     * @param scope owns every tensor
     * @param byName in the model's order
     * @param tables the others, before them in the model's order
     */
    public Parameters(Scope scope, Map<String, NDArray> byName, Map<String, RowTable> tables) {
        this(scope, Map.copyOf(byName), Map.copyOf(tables), inOrder(tables.keySet(), byName.keySet()));
    }

    private Parameters(Scope scope, Map<String, NDArray> byName, Map<String, RowTable> tables, Set<String> names) {
        this.scope = scope;
        this.byName = byName;
        this.tables = tables;
        this.names = names;
    }

    private static Set<String> inOrder(Set<String> first, Set<String> then) {
        Set<String> ordered = new LinkedHashSet<>(first);
        ordered.addAll(then);
        return Collections.unmodifiableSet(ordered);
    }

    /**
     * The parameter of that name.
     *
     * @return owned by this object: read it, do not close it
     * @throws UnknownNameException if there is none
     */
    public NDArray get(String name) {
        return Optional.ofNullable(byName.get(name))
                .or(() -> Optional.ofNullable(tables.get(name)).map(RowTable::whole))
                .orElseThrow(() -> UnknownNameException.of(
                        "parameter", name, "the model", names, "List them with model.parameters().names()."));
    }

    /**
     * The shape of a parameter; reads none of it.
     *
     * @throws UnknownNameException if there is none of that name
     */
    public Shape shape(String name) {
        RowTable table = tables.get(name);
        return table == null ? get(name).getShape() : table.shape();
    }

    /**
     * Some rows of a parameter, without reading the others where it stays in its file.
     *
     * @param name of a parameter {@code [row width]}
     * @param ids which rows, int64 {@code [..]}
     * @return {@code [.. width]}, owned by the ids' manager
     * @throws UnknownNameException if there is none of that name
     */
    public NDArray rows(String name, NDArray ids) {
        RowTable table = tables.get(name);
        return table == null ? Kernels.call("embed", ids, get(name)) : table.rows(ids);
    }

    /**
     * Takes the mean over its last axis out of a parameter, where it lies.
     *
     * @throws UnknownNameException if there is none of that name
     */
    public void centre(String name) {
        RowTable table = tables.get(name);
        if (table == null) {
            Kernels.inPlace("centre_outputs_in_place", get(name));
        } else {
            table.centre();
        }
    }

    /**
     * These with others in place of some. Both share memory; closing the result frees nothing of these.
     *
     * @param others by name, each like the one it stands for
     * @param owner of the others
     */
    public Parameters with(Map<String, NDArray> others, Scope owner) {
        Map<String, NDArray> arrays = new LinkedHashMap<>(byName);
        Map<String, RowTable> stored = new LinkedHashMap<>(tables);
        others.forEach((name, tensor) -> {
            arrays.put(name, tensor);
            stored.remove(name);
        });
        return new Parameters(owner, arrays, stored);
    }

    /**
     * The parameters a name or glob stands for, in the model's order.
     *
     * @param glob for example {@code blocks.*.attn.W_O}
     * @throws UnknownNameException if it matches none
     */
    public List<String> matching(String glob) {
        Glob pattern = Glob.of(glob);
        List<String> found = names.stream().filter(pattern::matches).toList();
        if (found.isEmpty()) {
            throw UnknownNameException.of(
                    "parameter", glob, "the model", names, "List them with model.parameters().names().");
        }
        return found;
    }

    /** Whether there is a parameter of that name. */
    public boolean has(String name) {
        return names.contains(name);
    }

    /** Every name, in the model's order. */
    public Collection<String> names() {
        return names;
    }

    /**
     * The same parameters for somebody who puts constants of his own beside them.
     *
     * @param other holds those constants; closing what is returned closes it and leaves the parameters
     */
    public Parameters beside(Scope other) {
        return new Parameters(other, byName, tables, names);
    }

    /** How many numbers there are in all. */
    public long count() {
        return byName.values().stream().mapToLong(NDArray::size).sum()
                + tables.values().stream().mapToLong(RowTable::count).sum();
    }

    /** The scope that owns them; constants of the model live there too. */
    public Scope scope() {
        return scope;
    }

    @Override
    public void close() {
        scope.close();
    }
}
