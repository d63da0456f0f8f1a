package org.lens4j.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.lens4j.error.ShapeException;
import org.lens4j.tensor.Scope;

/**
 * What is really fed to a model: ids {@code [batch pos]}, with the text of each token where a tokenizer made them.
 * Immutable, on the heap.
 */
public final class Tokens {
    private final List<List<Long>> ids;
    private final List<List<String>> strings;

    private Tokens(List<List<Long>> ids, List<List<String>> strings) {
        this.ids = ids;
        this.strings = strings;
    }

    /**
     * Sequences of the same length, given as ids.
     *
     * @param sequences {@code [batch pos]}, at least one sequence of at least one token
     * @throws ShapeException if they are empty or of different lengths
     */
    public static Tokens of(long[]... sequences) {
        List<List<Long>> ids = Arrays.stream(sequences)
                .map(row -> LongStream.of(row).boxed().toList())
                .toList();
        return checked(
                ids,
                ids.stream()
                        .map(row -> row.stream().map(Object::toString).toList())
                        .toList());
    }

    /**
     * One sequence with its text.
     *
     * @param sequence ids, at least one
     * @param tokenizer tells the text of each
     */
    public static Tokens of(long[] sequence, Tokenizer tokenizer) {
        return checked(List.of(LongStream.of(sequence).boxed().toList()), List.of(tokenizer.strings(sequence)));
    }

    private static Tokens checked(List<List<Long>> ids, List<List<String>> strings) {
        if (ids.isEmpty() || ids.get(0).isEmpty()) {
            throw new ShapeException("A run needs at least one token; none was given. Give a prompt.");
        }
        if (ids.stream().mapToInt(List::size).distinct().count() > 1) {
            throw new ShapeException(
                    "Sequences of one run must have the same length; these have %s tokens. Pad or split them."
                            .formatted(ids.stream().map(List::size).toList()));
        }
        return new Tokens(ids, strings);
    }

    /** How many sequences. */
    public int batch() {
        return ids.size();
    }

    /** How many tokens in each. */
    public int pos() {
        return ids.get(0).size();
    }

    /** The ids of one sequence. */
    public List<Long> ids(int sequence) {
        return ids.get(sequence);
    }

    /** The text of each token of one sequence, with its leading space; the id as text where no tokenizer made them. */
    public List<String> strings(int sequence) {
        return strings.get(sequence);
    }

    /** The whole text of one sequence. */
    public String text(int sequence) {
        return String.join("", strings.get(sequence));
    }

    /**
     * The ids as a tensor.
     *
     * @param scope owns the result
     * @return int64 {@code [batch pos]}
     */
    public NDArray tensor(Scope scope) {
        long[] flat =
                ids.stream().flatMap(List::stream).mapToLong(Long::longValue).toArray();
        return scope.longs(flat, new Shape(batch(), pos()));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tokens tokens && ids.equals(tokens.ids) && strings.equals(tokens.strings);
    }

    @Override
    public int hashCode() {
        return ids.hashCode();
    }

    @Override
    public String toString() {
        return "Tokens [batch=%d pos=%d] %s".formatted(batch(), pos(), strings);
    }
}
