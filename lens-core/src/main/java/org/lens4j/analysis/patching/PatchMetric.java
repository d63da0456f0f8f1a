package org.lens4j.analysis.patching;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.error.RangeException;
import org.lens4j.error.ShapeException;
import org.lens4j.error.UsageException;
import org.lens4j.model.Metric;
import org.lens4j.tensor.Kernels;
import org.lens4j.tensor.Scope;
import org.lens4j.text.AnswerToken;
import org.lens4j.text.TokenLabels;
import org.lens4j.text.Tokens;

/**
 * A number for each run of a batch that says how well it did.
 *
 * <pre>{@code
 * PatchMetric metric = PatchMetric.recovered(PatchMetric.logitDifference(mary, john));
 * }</pre>
 */
public interface PatchMetric {
    /** Name and unit of {@link #probability}. */
    String PROBABILITY = "probability";

    /** A word or two that no other metric of a sweep has. */
    String name();

    /** What one number is: logit, probability, nats, share. */
    String unit();

    /** The answers it looks at as titles name them, {@code ·Mary − ·John}; empty if it has none, or each prompt its own. */
    default String answers() {
        return "";
    }

    /** What is measured before {@link #scaled} makes it a share: another metric, or this one. */
    default PatchMetric unscaled() {
        return this;
    }

    /** Whether it needs logits at every position and not just at the last token, which costs a great deal more. */
    default boolean looksEverywhere() {
        return false;
    }

    /**
     * Computes it, by operators that autograd records.
     *
     * @param logits of a batch of runs
     * @param scope for tensors the computation needs
     * @return float32 {@code [row]}
     */
    NDArray values(PatchedLogits logits, Scope scope);

    /**
     * Puts a value on the scale that is shown; must be linear in the value.
     *
     * @param value of a run
     * @param baseline of its prompt
     */
    default float scaled(float value, Baseline baseline) {
        return value;
    }

    /** The logit of one token less that of another, for all prompts. */
    static PatchMetric logitDifference(long right, long wrong) {
        return logitDifference(new long[] {right}, new long[] {wrong});
    }

    /**
     * The logit of a right answer less that of a wrong one.
     *
     * @param right one token for all prompts, or one for each
     * @param wrong as many
     */
    static PatchMetric logitDifference(long[] right, long[] wrong) {
        return difference(Answers.of(right), Answers.of(wrong));
    }

    /** The logit of a right answer less that of a wrong one, for all prompts. */
    static PatchMetric logitDifference(AnswerToken right, AnswerToken wrong) {
        return difference(Answers.of(right), Answers.of(wrong));
    }

    /** The logit of each pair's first right answer less that of its first wrong one. */
    static PatchMetric logitDifference(PromptPairs drawn) {
        return logitDifference(drawn.rightTokens(), drawn.wrongTokens());
    }

    private static PatchMetric difference(Answers yes, Answers no) {
        String words = yes.words().isEmpty() ? "" : yes.words() + " − " + no.words();
        return new Named("logit difference", "logit", words, (logits, scope) -> yes.of(logits.last(), logits, scope)
                .sub(no.of(logits.last(), logits, scope)));
    }

    /** The logit of an answer: one token for all prompts, or one for each. */
    static PatchMetric logit(long... answers) {
        return logit(Answers.of(answers));
    }

    /** The logit of an answer, for all prompts. */
    static PatchMetric logit(AnswerToken answer) {
        return logit(Answers.of(answer));
    }

    private static PatchMetric logit(Answers all) {
        return new Named("logit", "logit", all.words(), (logits, scope) -> all.of(logits.last(), logits, scope));
    }

    /** The natural log of an answer's probability: one token for all prompts, or one for each. */
    static PatchMetric logProb(long... answers) {
        return logProb(Answers.of(answers));
    }

    /** The natural log of an answer's probability, for all prompts. */
    static PatchMetric logProb(AnswerToken answer) {
        return logProb(Answers.of(answer));
    }

    private static PatchMetric logProb(Answers all) {
        return new Named(
                "log probability",
                "nats",
                all.words(),
                (logits, scope) -> all.of(Kernels.call("log_softmax", logits.last()), logits, scope));
    }

    /** The probability of an answer: one token for all prompts, or one for each. */
    static PatchMetric probability(long... answers) {
        return probability(Answers.of(answers));
    }

    /** The probability of an answer, for all prompts. */
    static PatchMetric probability(AnswerToken answer) {
        return probability(Answers.of(answer));
    }

    private static PatchMetric probability(Answers all) {
        return new Named(PROBABILITY, PROBABILITY, all.words(), (logits, scope) -> all.of(
                        Kernels.call("log_softmax", logits.last()), logits, scope)
                .exp());
    }

    /** How far the next token's distribution is from the clean run's: Kullback-Leibler divergence, in nats. */
    static PatchMetric klToClean() {
        return new Named(
                "KL to clean",
                "nats",
                "",
                (logits, scope) -> Kernels.call("divergence", logits.last(), logits.clean(scope)));
    }

    /** The mean surprise at each next token, in nats; padding does not count. */
    static PatchMetric loss() {
        return new Everywhere("loss", "nats", (logits, scope) -> {
            NDArray each = Kernels.call(
                    "next_token_loss", logits.all(), logits.tokens().tensor(scope));
            return logits.tokens()
                    .attended(scope)
                    .map(it -> Kernels.call("row_means", each, Kernels.call("both_attended", it)))
                    .orElseGet(() -> each.mean(new int[] {1}));
        });
    }

    /**
     * The mean surprise, in nats, at tokens that follow another as they did earlier in the prompt: what induction knows
     * (Olsson et al., 2022). Every prompt must have one.
     */
    static PatchMetric repeatedLoss() {
        return new Everywhere("repeated loss", "nats", (logits, scope) -> {
            NDArray ids = logits.tokens().tensor(scope);
            NDArray pairs = Kernels.call("repeated_pairs", ids);
            NDArray again = logits.tokens()
                    .attended(scope)
                    .map(it -> pairs.mul(Kernels.call("both_attended", it)))
                    .orElse(pairs);
            requireRepetition(again, logits.tokens());
            return Kernels.call("row_means", Kernels.call("next_token_loss", logits.all(), ids), again);
        });
    }

    private static void requireRepetition(NDArray again, Tokens tokens) {
        float[] counts = again.sum(new int[] {1}).toFloatArray();
        for (int row = 0; row < counts.length; row++) {
            if (counts[row] == 0) {
                throw new UsageException(
                        "No two tokens of \"%s\" stand side by side twice, so no loss is of a repetition. Give repeated tokens: RepeatedTokens.random(config, rows, length, seed)."
                                .formatted(tokens.text(row)));
            }
        }
    }

    /**
     * How much of the way a run went from the corrupted metric, 0, to the clean one, 1. Every prompt's way is measured by the
     * mean over the prompts, so that the mean of the shares is the share of the means.
     */
    static PatchMetric recovered(PatchMetric of) {
        return new Recovered(of);
    }

    /**
     * A metric of single runs, run by run. It may look anywhere, so logits of every position are computed for it; tokens are
     * those of the run that is patched.
     */
    static PatchMetric of(String name, Metric metric) {
        return new Everywhere(name, "metric", (logits, scope) -> {
            NDList each = new NDList();
            for (int row = 0; row < logits.rows(); row++) {
                NDArray own = Kernels.call(
                        "stretch", logits.all(), scope.scalar(0L), scope.scalar((long) row), scope.scalar(1L));
                each.add(
                        metric.value(own, logits.tokens().sequences(row), scope).reshape(new Shape(1)));
            }
            return NDArrays.concat(each);
        });
    }

    /** How values are computed. */
    @FunctionalInterface
    interface Values {
        /** {@link PatchMetric#values}. */
        NDArray of(PatchedLogits logits, Scope scope);
    }

    /** One that looks at the last token. */
    record Named(String name, String unit, String answers, Values computed) implements PatchMetric {
        @Override
        public NDArray values(PatchedLogits logits, Scope scope) {
            return computed.of(logits, scope);
        }
    }

    /** One that looks at every position. */
    record Everywhere(String name, String unit, Values computed) implements PatchMetric {
        @Override
        public boolean looksEverywhere() {
            return true;
        }

        @Override
        public NDArray values(PatchedLogits logits, Scope scope) {
            return computed.of(logits, scope);
        }
    }

    /** {@link PatchMetric#recovered}. */
    record Recovered(PatchMetric of) implements PatchMetric {
        @Override
        public String name() {
            return "recovered " + of.name();
        }

        @Override
        public String unit() {
            return "share";
        }

        @Override
        public String answers() {
            return of.answers();
        }

        @Override
        public PatchMetric unscaled() {
            return of.unscaled();
        }

        @Override
        public boolean looksEverywhere() {
            return of.looksEverywhere();
        }

        @Override
        public NDArray values(PatchedLogits logits, Scope scope) {
            return of.values(logits, scope);
        }

        @Override
        public float scaled(float value, Baseline baseline) {
            return (value - baseline.corrupted()) / baseline.gapFor(name());
        }
    }

    /**
     * Tokens asked for, one for each prompt or one for all.
     *
     * @param ids of the vocabulary
     * @param words as titles name them; empty if they are ids
     */
    record Answers(List<Long> ids, String words) {
        static Answers of(long... ids) {
            return new Answers(LongStream.of(ids).boxed().toList(), "");
        }

        static Answers of(AnswerToken answer) {
            return new Answers(List.of(answer.id()), TokenLabels.visible(answer.text()));
        }

        /** What stands at each row's answer, {@code [row]}. */
        NDArray of(NDArray x, PatchedLogits logits, Scope scope) {
            long size = x.getShape().get(1);
            long[] wanted = logits.prompts().stream().mapToLong(this::of).toArray();
            for (long id : wanted) {
                if (id < 0 || id >= size) {
                    throw new RangeException(
                            "A metric asks for the logit of token %d, and the model has those of 0 to %d. Is it another model's token?"
                                    .formatted(id, size - 1));
                }
            }
            return Kernels.call("per_row", x, scope.longs(wanted, new Shape(wanted.length)));
        }

        private long of(int prompt) {
            if (ids.size() == 1) {
                return ids.get(0);
            }
            if (prompt >= ids.size()) {
                throw new ShapeException(
                        "A metric has answers for %d prompts, and there are more. Give one answer for all, or one for each."
                                .formatted(ids.size()));
            }
            return ids.get(prompt);
        }
    }

    /** A metric of whole runs as one number for gradients: the sum over the batch. */
    static Metric sum(PatchMetric metric, NDArray cleanLast) {
        return (logits, tokens, scope) -> {
            List<Integer> prompts = IntStream.range(0, tokens.batch())
                    .map(row -> row % Math.toIntExact(cleanLast.getShape().get(0)))
                    .boxed()
                    .toList();
            NDArray last = PatchedLogits.last(logits, tokens, scope);
            return metric.values(
                            new PatchedLogits(last, java.util.Optional.of(logits), tokens, prompts, cleanLast), scope)
                    .sum();
        };
    }

    /** The tokens a metric sees. */
    static Tokens repeated(Tokens prompts, int times) {
        return prompts.sequences(IntStream.range(0, prompts.batch() * times)
                .map(row -> row % prompts.batch())
                .toArray());
    }
}
