package org.lens4j.analysis.patching;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.error.UnknownNameException;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedModel;

/**
 * The metrics that have a word of their own, for the command line and magics.
 *
 * <pre>{@code
 * PatchMetric metric = MetricKind.named("prob").of(model, Optional.of(" Mary"), Optional.empty());
 * }</pre>
 */
public enum MetricKind {
    /** The answer's logit less the wrong one's. */
    LOGIT_DIFF(2),
    /** The share of the logit difference: 0 as corrupted, 1 as clean. */
    RECOVERED(2),
    /** The answer's logit. */
    LOGIT(1),
    /** The answer's probability. */
    PROB(1),
    /** Its natural log. */
    LOG_PROB(1),
    /** How far the next token's distribution is from the clean run's. */
    KL(0),
    /** The mean surprise at each next token. */
    LOSS(0);

    private final int answers;

    MetricKind(int answers) {
        this.answers = answers;
    }

    /** As it is written: {@code logit_diff}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** All words. */
    public static List<String> words() {
        return Stream.of(values()).map(MetricKind::word).toList();
    }

    /**
     * By its word.
     *
     * @throws UnknownNameException if there is none
     */
    public static MetricKind named(String word) {
        return Stream.of(values())
                .filter(it -> it.word().equals(word))
                .findFirst()
                .orElseThrow(() -> UnknownNameException.of(
                        "metric", word, "patching", words(), "There are " + String.join(", ", words()) + "."));
    }

    /** How many answers it looks at: 0, 1 with the right one, 2 with a wrong one. */
    public int answers() {
        return answers;
    }

    /**
     * The metric of these answers.
     *
     * @param answer one token as text; not looked at where {@link #answers} is 0
     * @param wrong likewise; not looked at where {@link #answers} is less than 2
     * @throws UsageException if an answer is missing, or is no single token
     */
    public PatchMetric of(HookedModel model, Optional<String> answer, Optional<String> wrong) {
        String right = answers > 0 ? answer.orElseThrow(() -> missing(true)) : "";
        String other = answers > 1 ? wrong.orElseThrow(() -> missing(false)) : "";
        if (answers > 1 && model.answer(right).id() == model.answer(other).id()) {
            throw new UsageException(
                    "The answer and the wrong one are the same token, \"%s\", so %s is always 0. Give another wrong one."
                            .formatted(right, LOGIT_DIFF.word()));
        }
        return switch (this) {
            case LOGIT_DIFF -> PatchMetric.logitDifference(model.answer(right), model.answer(other));
            case RECOVERED ->
                PatchMetric.recovered(PatchMetric.logitDifference(model.answer(right), model.answer(other)));
            case LOGIT -> PatchMetric.logit(model.answer(right));
            case PROB -> PatchMetric.probability(model.answer(right));
            case LOG_PROB -> PatchMetric.logProb(model.answer(right));
            case KL -> PatchMetric.klToClean();
            case LOSS -> PatchMetric.loss();
        };
    }

    /** The metric of pairs that know their own answers. */
    public PatchMetric of(PromptPairs pairs) {
        return switch (this) {
            case LOGIT_DIFF -> PatchMetric.logitDifference(pairs);
            case RECOVERED -> PatchMetric.recovered(PatchMetric.logitDifference(pairs));
            case LOGIT -> PatchMetric.logit(pairs.rightTokens());
            case PROB -> PatchMetric.probability(pairs.rightTokens());
            case LOG_PROB -> PatchMetric.logProb(pairs.rightTokens());
            case KL -> PatchMetric.klToClean();
            case LOSS -> PatchMetric.loss();
        };
    }

    /**
     * By their words, each once.
     *
     * @throws UnknownNameException if there is none of that name
     * @throws UsageException if one is asked for twice
     */
    public static List<MetricKind> named(List<String> words) {
        List<MetricKind> kinds = words.stream().map(MetricKind::named).toList();
        for (MetricKind kind : kinds) {
            if (kinds.indexOf(kind) != kinds.lastIndexOf(kind)) {
                throw new UsageException("The metric %s was asked for twice. Name it once.".formatted(kind.word()));
            }
        }
        return kinds;
    }

    /**
     * Says that there are too few answers for it.
     *
     * @param all whether there is none at all
     */
    public UsageException missing(boolean all) {
        return new UsageException(
                "The metric %s needs %s, one token each, mostly with a space in front: \" Mary\" \" John\"."
                        .formatted(
                                word(),
                                answers < 2 ? "an answer" : all ? "an answer and a wrong one" : "a wrong answer too"));
    }
}
