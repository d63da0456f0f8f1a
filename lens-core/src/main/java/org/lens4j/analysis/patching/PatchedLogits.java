package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.lens4j.error.UsageException;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Tokens;

/**
 * What a metric sees of a batch of runs, one row for each. Owned by the sweep: nothing of it outlives the call.
 *
 * @param last logits at each row's last token, {@code [row d_vocab]}
 * @param everywhere logits at every position, {@code [row pos d_vocab]}; empty unless a metric looks everywhere
 * @param tokens what was fed, one sequence for each row
 * @param prompts which of the pairs each row is of
 * @param cleanLast logits of the clean runs at the last token, {@code [prompt d_vocab]}
 */
public record PatchedLogits(
        NDArray last, Optional<NDArray> everywhere, Tokens tokens, List<Integer> prompts, NDArray cleanLast) {
    /** Copies the list. */
    public PatchedLogits {
        prompts = List.copyOf(prompts);
    }

    /** How many runs. */
    public int rows() {
        return prompts.size();
    }

    /**
     * Logits at every position, {@code [row pos d_vocab]}.
     *
     * @throws UsageException if the metric did not say that it looks everywhere
     */
    public NDArray all() {
        return everywhere.orElseThrow(
                () -> new UsageException(
                        "A metric asks for logits at every position, and only those at the last token were computed. Let its looksEverywhere() say true."));
    }

    /** The clean runs' logits beside these, {@code [row d_vocab]}, owned by the scope. */
    public NDArray clean(Scope scope) {
        long[] rows = prompts.stream().mapToLong(it -> it).toArray();
        return Kernels.call(
                "picked", scope.alias(cleanLast), scope.scalar(0L), scope.longs(rows, new Shape(rows.length)));
    }

    /** Logits at the last token of each row of a batch, {@code [row d_vocab]}. */
    static NDArray last(NDArray all, Tokens tokens, Scope scope) {
        return atPositions(
                        all,
                        IntStream.range(0, tokens.batch())
                                .mapToLong(row -> PatchPairs.last(tokens, row))
                                .toArray(),
                        scope)
                .squeeze(1);
    }

    /** {@code [row pos ..]} to {@code [row 1 ..]}. */
    static NDArray atPositions(NDArray all, long[] positions, Scope scope) {
        return Kernels.call("at_positions", all, scope.longs(positions, new Shape(positions.length)));
    }
}
