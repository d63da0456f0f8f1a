package org.lens4j.analysis.residual;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.lens4j.analysis.prompts.PromptPair;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.model.HookedTransformer;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.AnswerToken;
import org.lens4j.text.TokenLabels;

/**
 * The answers whose logits are looked at: one for all prompts or one for each, and wrong ones to compare with.
 *
 * <pre>{@code
 * Answers.of(model.answer(" Mary")).against(model.answer(" John"))
 * }</pre>
 *
 * @param right at least one
 * @param wrong none, or as many as there are right ones
 */
public record Answers(List<AnswerToken> right, List<AnswerToken> wrong) {
    /** Copies the lists and compares their sizes. */
    public Answers {
        right = List.copyOf(right);
        wrong = List.copyOf(wrong);
        if (right.isEmpty() || (!wrong.isEmpty() && wrong.size() != right.size())) {
            throw new ShapeException(
                    "%d right answers and %d wrong ones were given. Give at least one, and a wrong one for each or none."
                            .formatted(right.size(), wrong.size()));
        }
    }

    /** Answers without wrong ones. */
    public static Answers of(AnswerToken... right) {
        return new Answers(List.of(right), List.of());
    }

    /** Answers by their ids. */
    public static Answers ofIds(long... right) {
        return new Answers(LongStream.of(right).mapToObj(AnswerToken::of).toList(), List.of());
    }

    /** The first right answer of each pair against its first wrong one. */
    public static Answers of(PromptPairs drawn) {
        return new Answers(
                drawn.pairs().stream().map(PromptPair::answer).toList(),
                drawn.pairs().stream().map(PromptPair::wrongAnswer).toList());
    }

    /** These against wrong ones: what counts is the difference of the two logits. */
    public Answers against(AnswerToken... others) {
        return new Answers(right, List.of(others));
    }

    /** {@link #against(AnswerToken...)} by ids. */
    public Answers againstIds(long... others) {
        return new Answers(
                right, LongStream.of(others).mapToObj(AnswerToken::of).toList());
    }

    /** What readers should know about the choice of tokens. */
    public List<String> notes() {
        return Stream.concat(right.stream(), wrong.stream())
                .flatMap(it -> it.note().stream())
                .distinct()
                .toList();
    }

    /** The answers in words: {@code ·Mary − ·John}; of several prompts, that they have their own. */
    public String words() {
        if (right.stream().distinct().count() > 1 || wrong.stream().distinct().count() > 1) {
            return wrong.isEmpty() ? "each prompt's answer" : "each prompt's answer − its wrong one";
        }
        String first = TokenLabels.visible(right.get(0).text());
        return wrong.isEmpty()
                ? first
                : first + " − " + TokenLabels.visible(wrong.get(0).text());
    }

    /**
     * The directions of the residual stream, behind the last norm, that raise the answers' logits. TransformerLens:
     * {@code tokens_to_residual_directions}, of which the difference is taken.
     *
     * @param batch how many sequences there are
     * @param scope owns the result
     * @return {@code [batch d_model 1]}
     * @throws ShapeException if there is another number of answers than of sequences
     * @throws RangeException if the model says no token of that id
     */
    public NDArray directions(HookedTransformer model, int batch, Scope scope) {
        NDArray weights = model.parameters().get("unembed.W_U");
        NDArray towards = Kernels.call("unembed_columns", ids(right, model, batch, scope), weights);
        NDArray whole = wrong.isEmpty()
                ? towards
                : towards.sub(Kernels.call("unembed_columns", ids(wrong, model, batch, scope), weights));
        return whole.expandDims(2);
    }

    /** What the unembedding's bias and the last norm's offset add, one number for each sequence. */
    List<Float> offsets(HookedTransformer model, int batch, Scope scope) {
        NDArray biases = model.parameters().get("unembed.b_U");
        NDArray towards = Kernels.call("unembed_biases", ids(right, model, batch, scope), biases);
        NDArray sum = wrong.isEmpty()
                ? towards
                : towards.sub(Kernels.call("unembed_biases", ids(wrong, model, batch, scope), biases));
        Optional<NDArray> offset = model.parameters().has("ln_final.b")
                ? Optional.of(model.parameters().get("ln_final.b"))
                : Optional.empty();
        float[] values = offset.map(it -> sum.add(
                        Kernels.call("matmul", directions(model, batch, scope).squeeze(2), it)))
                .orElse(sum)
                .toFloatArray();
        return IntStream.range(0, batch).mapToObj(row -> values[row]).toList();
    }

    private static NDArray ids(List<AnswerToken> tokens, HookedTransformer model, int batch, Scope scope) {
        if (tokens.size() != 1 && tokens.size() != batch) {
            throw new ShapeException("%d answers are given for %d prompts. Give one for all, or one for each."
                    .formatted(tokens.size(), batch));
        }
        int said = model.config().dVocabOut();
        long[] ids = new long[batch];
        for (int i = 0; i < batch; i++) {
            ids[i] = tokens.get(tokens.size() == 1 ? 0 : i).id();
            if (ids[i] < 0 || ids[i] >= said) {
                throw new RangeException("%s says no token %d: it says %d, numbered 0 to %d. Give another answer."
                        .formatted(model.name(), ids[i], said, said - 1));
            }
        }
        return scope.longs(ids, new Shape(batch));
    }
}
