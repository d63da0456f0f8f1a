package org.lens4j.analysis.prompts;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.lens4j.analysis.Axis;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.model.HookedTransformer;
import org.lens4j.model.Run;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.Answer;
import org.lens4j.text.TokenLabels;
import org.lens4j.text.Tokens;

/**
 * How likely answers to a prompt are. TransformerLens: {@code test_prompt}, which puts a space before an answer unasked; here
 * an answer is what is written, and what is odd about it is said.
 *
 * <pre>{@code
 * TestedPrompt tested = TestedPrompt.of(model, "When Mary and John went to the store, John gave a drink to", " Mary", " John");
 * tested.answers().get(0).tokens().get(0).rank();    // 0: the likeliest
 * }</pre>
 *
 * @param next the likeliest tokens behind the prompt
 * @param answers as they were given
 * @param notes what is odd about the prompt or an answer, in sentences
 */
public record TestedPrompt(NextTokens next, List<Tested> answers, List<String> notes) {
    /** How many candidates are kept unless told otherwise, as in TransformerLens. */
    public static final int DEFAULT_TOP = 10;

    /**
     * One answer.
     *
     * @param text as it was given
     * @param tokens each behind the prompt and those before it
     */
    public record Tested(String text, List<Scored> tokens) {
        /** Copies the list. */
        public Tested {
            tokens = List.copyOf(tokens);
        }

        /** The natural log of the probability of the whole answer. */
        public double logProb() {
            return tokens.stream().mapToDouble(it -> Math.log(it.probability())).sum();
        }
    }

    /**
     * One token of an answer.
     *
     * @param id of the token
     * @param token its text, with its leading space
     * @param rank how many tokens are likelier
     * @param logit the model's raw score
     * @param probability 0 to 1
     */
    public record Scored(long id, String token, int rank, float logit, float probability) {}

    /** Copies the lists. */
    public TestedPrompt {
        answers = List.copyOf(answers);
        notes = List.copyOf(notes);
    }

    /** Tests answers to a text; keeps the ten likeliest tokens. */
    public static TestedPrompt of(HookedTransformer model, String prompt, String... answers) {
        return of(model, prompt, List.of(answers), DEFAULT_TOP);
    }

    /**
     * Tests answers to a text.
     *
     * @param answers any number, each with its leading space
     * @param count how many of the likeliest tokens to keep, 1 to the size of the vocabulary
     * @throws org.lens4j.error.StateException if the model has no tokenizer
     * @throws org.lens4j.error.UsageException if an answer is empty
     */
    public static TestedPrompt of(HookedTransformer model, String prompt, List<String> answers, int count) {
        List<Answer> read =
                answers.stream().map(it -> Answer.of(model.tokenizer(), it)).toList();
        Tokens tokens = model.tokens(prompt);
        List<Tested> tested = new ArrayList<>();
        NextTokens next;
        try (Run run = model.run(tokens)) {
            next = NextTokens.of(model, run, count);
            for (Answer answer : read) {
                tested.add(
                        answer.isOneToken()
                                ? new Tested(answer.text(), scored(answer, run.logits(), tokens.pos()))
                                : behind(model, tokens, answer));
            }
        }
        List<String> notes = Stream.concat(
                        trailingSpace(prompt).stream(),
                        read.stream().map(Answer::note).flatMap(Optional::stream))
                .toList();
        return new TestedPrompt(next, tested, notes);
    }

    private static Optional<String> trailingSpace(String prompt) {
        return prompt.endsWith(" ")
                ? Optional.of(
                        "The prompt ends with a space, and most tokenizers make a space part of the word behind it: it is best left out.")
                : Optional.empty();
    }

    /** Every token of an answer has those before it in front of it. */
    private static Tested behind(HookedTransformer model, Tokens prompt, Answer answer) {
        long[] whole = Stream.concat(prompt.ids(0).stream(), answer.ids().stream())
                .mapToLong(Long::longValue)
                .toArray();
        try (Run run = model.run(Tokens.of(Arrays.copyOf(whole, whole.length - 1)))) {
            return new Tested(answer.text(), scored(answer, run.logits(), prompt.pos()));
        }
    }

    /**
     * Reads the scores of an answer's tokens.
     *
     * @param logits {@code [1 pos d_vocab]}
     * @param length tokens of the prompt
     */
    private static List<Scored> scored(Answer answer, NDArray logits, int length) {
        List<Scored> scored = new ArrayList<>();
        for (int i = 0; i < answer.ids().size(); i++) {
            int pos = length - 1 + i;
            try (Scope scope = Scope.root()) {
                NDArray here = scope.alias(logits).get(new NDIndex("0, {}", pos));
                int id = Math.toIntExact(answer.ids().get(i));
                float[] scores = here.toFloatArray();
                float[] logProbs = Kernels.call("log_softmax", here).toFloatArray();
                int rank = 0;
                for (float score : scores) {
                    rank += score > scores[id] ? 1 : 0;
                }
                float probability = (float) Math.exp(logProbs[id]);
                scored.add(new Scored(id, answer.strings().get(i), rank, scores[id], probability));
            }
        }
        return scored;
    }

    /** Ranks of all answers' tokens, {@code [token]}. */
    public Grid ranks() {
        return grid("Rank of the answer", "rank", it -> (float) it.rank());
    }

    /** Logits of all answers' tokens, {@code [token]}. */
    public Grid logits() {
        return grid("Logit of the answer", "logit", Scored::logit);
    }

    /** Probabilities of all answers' tokens, {@code [token]}. */
    public Grid probabilities() {
        return grid("Probability of the answer", "probability", Scored::probability);
    }

    private Grid grid(String title, String unit, Function<Scored, Float> number) {
        List<Scored> all = answers.stream().flatMap(it -> it.tokens().stream()).toList();
        float[] values = new float[all.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = number.apply(all.get(i));
        }
        List<String> labels = TokenLabels.labels(all.stream().map(Scored::token).toList());
        return new Grid(title, unit, List.of(new Axis("token", labels)), values);
    }
}
