package org.lens4j.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UnknownNameException;
import org.lens4j.tensor.Scope;

/**
 * What is really fed to a model: ids {@code [batch pos]}, with the text of each token where a tokenizer made them.
 * Immutable, on the heap.
 */
public final class Tokens {
    private final List<List<Long>> ids;
    private final List<List<String>> strings;
    private final List<List<Boolean>> attended;
    private final List<List<Long>> segments;

    private Tokens(
            List<List<Long>> ids, List<List<String>> strings, List<List<Boolean>> attended, List<List<Long>> segments) {
        this.ids = ids;
        this.strings = strings;
        this.attended = attended;
        this.segments = segments;
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
        return new Tokens(ids, strings, List.of(), List.of());
    }

    /**
     * Sequences of different lengths, filled up to the longest. Padding is seen by no token and counts no position.
     *
     * @param side where padding goes
     * @param padId what is put there, any id of the vocabulary
     * @param sequences at least one, each of at least one token
     * @throws ShapeException if one is empty
     */
    public static Tokens padded(PaddingSide side, long padId, long[]... sequences) {
        int longest = Arrays.stream(sequences).mapToInt(it -> it.length).max().orElse(0);
        long[][] filled = new long[sequences.length][longest];
        boolean[][] real = new boolean[sequences.length][longest];
        for (int row = 0; row < sequences.length; row++) {
            long[] sequence = sequences[row];
            if (sequence.length == 0) {
                throw new ShapeException(
                        "Sequence %d of %d has no token, and padding alone cannot be read. Leave it out."
                                .formatted(row, sequences.length));
            }
            int start = side == PaddingSide.LEFT ? longest - sequence.length : 0;
            Arrays.fill(filled[row], padId);
            System.arraycopy(sequence, 0, filled[row], start, sequence.length);
            Arrays.fill(real[row], start, start + sequence.length, true);
        }
        return Tokens.of(filled).withAttended(real);
    }

    /**
     * The sequences of several batches as one.
     *
     * @param batches of one length, at least one
     * @throws ShapeException if they have different lengths, or some have padding or segments
     */
    public static Tokens joined(List<Tokens> batches) {
        if (batches.stream().anyMatch(it -> !it.attended.isEmpty() || !it.segments.isEmpty())) {
            throw new ShapeException("Batches with padding or segments are not joined. Pad the sequences together.");
        }
        return checked(
                batches.stream().flatMap(it -> it.ids.stream()).toList(),
                batches.stream().flatMap(it -> it.strings.stream()).toList());
    }

    /**
     * These tokens with the text of each, where they were given as ids.
     *
     * @param tokenizer tells the text of each
     */
    public Tokens withStrings(Tokenizer tokenizer) {
        List<List<String>> texts = ids.stream()
                .map(row -> tokenizer.strings(
                        row.stream().mapToLong(Long::longValue).toArray()))
                .toList();
        return new Tokens(ids, texts, attended, segments);
    }

    /**
     * These tokens, some of which are padding. TransformerLens: {@code attention_mask}.
     *
     * @param real false at padding, {@code [batch pos]}
     * @throws ShapeException if it has another shape
     */
    public Tokens withAttended(boolean[]... real) {
        if (real.length != batch() || Arrays.stream(real).anyMatch(row -> row.length != pos())) {
            throw new ShapeException(
                    "An attention mask for [batch=%d pos=%d] has rows of %s. Give one value for each token."
                            .formatted(
                                    batch(),
                                    pos(),
                                    Arrays.stream(real).map(row -> row.length).toList()));
        }
        List<List<Boolean>> mask = Arrays.stream(real)
                .map(row -> IntStream.range(0, row.length).mapToObj(i -> row[i]).toList())
                .toList();
        boolean all = mask.stream().allMatch(row -> row.stream().allMatch(it -> it));
        return new Tokens(ids, strings, all ? List.of() : mask, segments);
    }

    /**
     * Some of the sequences.
     *
     * @param which from 0, in the order they are wanted, at least one
     */
    public Tokens sequences(int... which) {
        if (which.length == 0) {
            throw new ShapeException("No sequence is left of %d. Take at least one.".formatted(batch()));
        }
        return new Tokens(rows(ids, which), rows(strings, which), rows(attended, which), rows(segments, which));
    }

    private static <T> List<T> rows(List<T> all, int... which) {
        return all.isEmpty() ? all : Arrays.stream(which).mapToObj(all::get).toList();
    }

    /**
     * These tokens, each in a segment. TransformerLens: {@code token_type_ids}.
     *
     * @param kinds from 0, {@code [batch pos]}
     * @throws ShapeException if it has another shape, or one is negative
     */
    public Tokens withSegments(long[]... kinds) {
        boolean fits = kinds.length == batch() && Arrays.stream(kinds).allMatch(row -> row.length == pos());
        if (!fits || Arrays.stream(kinds).flatMapToLong(LongStream::of).anyMatch(it -> it < 0)) {
            throw new ShapeException("Segments for [batch=%d pos=%d] are %s. Give each token one, 0 or more."
                    .formatted(batch(), pos(), Arrays.deepToString(kinds)));
        }
        List<List<Long>> given = Arrays.stream(kinds)
                .map(row -> LongStream.of(row).boxed().toList())
                .toList();
        boolean one = given.stream().allMatch(row -> row.stream().allMatch(it -> it == 0));
        return new Tokens(ids, strings, attended, one ? List.of() : given);
    }

    /** Whether any token is in another segment than 0. */
    public boolean hasSegments() {
        return !segments.isEmpty();
    }

    /** The segment a token is in. */
    public long segment(int sequence, int pos) {
        return segments.isEmpty() ? 0 : segments.get(sequence).get(pos);
    }

    /**
     * The segments as a tensor.
     *
     * @param scope owns the result
     * @return int64 {@code [batch pos]}
     */
    public NDArray segments(Scope scope) {
        long[] flat = new long[batch() * pos()];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = segment(i / pos(), i % pos());
        }
        return scope.longs(flat, new Shape(batch(), pos()));
    }

    /** Whether a position holds a token and not padding. */
    public boolean isAttended(int sequence, int pos) {
        return attended.isEmpty() || attended.get(sequence).get(pos);
    }

    /**
     * The first position at which a token stands. TransformerLens: {@code get_token_position}.
     *
     * <pre>{@code
     * int mary = model.tokens("When Mary and John").position(0, " Mary");    // 2, behind the token that begins a text
     * }</pre>
     *
     * @param sequence from 0
     * @param token its text, with its leading space
     * @throws UnknownNameException if it stands nowhere; names the closest that do
     */
    public int position(int sequence, String token) {
        return found(sequence, token, strings.get(sequence).indexOf(token));
    }

    /** {@link #position(int, String)} of the last place where it stands. */
    public int lastPosition(int sequence, String token) {
        return found(sequence, token, strings.get(sequence).lastIndexOf(token));
    }

    private int found(int sequence, String token, int pos) {
        if (pos < 0) {
            throw UnknownNameException.of(
                    "token",
                    token,
                    "\"" + text(sequence) + "\"",
                    List.copyOf(new LinkedHashSet<>(strings.get(sequence))),
                    "A word inside a text begins with a space.");
        }
        return pos;
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

    /** The whole text of one sequence; a character of several tokens is whole in it. */
    public String text(int sequence) {
        return TokenBytes.joined(strings.get(sequence));
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

    /**
     * Which positions hold tokens and not padding.
     *
     * @param scope owns the result
     * @return bool {@code [batch pos]}; empty if there is no padding
     */
    public Optional<NDArray> attended(Scope scope) {
        if (attended.isEmpty()) {
            return Optional.empty();
        }
        boolean[] flat = new boolean[batch() * pos()];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = isAttended(i / pos(), i % pos());
        }
        try (NDArray wrapped = scope.manager().create(flat, new Shape(batch(), pos()))) {
            return Optional.of(wrapped.duplicate());
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tokens tokens
                && ids.equals(tokens.ids)
                && strings.equals(tokens.strings)
                && attended.equals(tokens.attended)
                && segments.equals(tokens.segments);
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
