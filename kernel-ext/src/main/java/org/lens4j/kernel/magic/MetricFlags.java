package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.lens4j.analysis.patching.MetricKind;
import org.lens4j.analysis.patching.PatchMetric;
import org.lens4j.model.HookedModel;

/** The metrics of magics that patch: words, and the answers they look at. */
final class MetricFlags {
    private static final Option METRIC = Option.value(
                    "METRIC",
                    "logit_diff (answer less wrong), recovered (its share, 0 corrupted to 1 clean), logit, prob, log_prob, kl (to the clean run) or loss",
                    "--metric")
            .offering(new Offer.OneOf(MetricKind.words()))
            .repeated();

    static final List<Option> ALL = List.of(METRIC);

    private MetricFlags() {}

    /** The metrics of one run that were named; if none was, what the answers allow. */
    static List<MetricKind> ofOneRun(Arguments arguments) {
        List<MetricKind> named = named(arguments);
        if (!named.isEmpty()) {
            return named;
        }
        if (AnswerWords.wrong(arguments).isPresent()) {
            return List.of(MetricKind.LOGIT_DIFF);
        }
        return List.of(AnswerWords.answer(arguments).isPresent() ? MetricKind.LOGIT : MetricKind.LOSS);
    }

    /** The metrics of two runs that were named; if none was, how far the answer is brought back. */
    static List<MetricKind> ofTwoRuns(Arguments arguments) {
        List<MetricKind> named = named(arguments);
        return named.isEmpty() ? List.of(MetricKind.RECOVERED) : named;
    }

    private static List<MetricKind> named(Arguments arguments) {
        return MetricKind.named(
                arguments.values(METRIC).stream().map(Word::text).toList());
    }

    static PatchMetric metric(MetricKind kind, Arguments arguments, HookedModel model) {
        return kind.of(
                model,
                AnswerWords.answer(arguments).map(Word::text),
                AnswerWords.wrong(arguments).map(Word::text));
    }

    /**
     * The Java of the metric.
     *
     * @param drawn a Java expression of pairs with their own answers, if there are such
     */
    static String java(MetricKind kind, Arguments arguments, Optional<String> drawn) {
        AnswerWords.require(kind, arguments, drawn.isPresent());
        String both = drawn.orElseGet(
                () -> arguments.words().stream().map(AnswerWords::java).collect(Collectors.joining(", ")));
        String right = drawn.map(it -> it + ".rightTokens()")
                .orElseGet(() ->
                        AnswerWords.answer(arguments).map(AnswerWords::java).orElse(""));
        return switch (kind) {
            case LOGIT_DIFF -> "PatchMetric.logitDifference(" + both + ")";
            case RECOVERED -> "PatchMetric.recovered(PatchMetric.logitDifference(" + both + "))";
            case LOGIT -> "PatchMetric.logit(" + right + ")";
            case PROB -> "PatchMetric.probability(" + right + ")";
            case LOG_PROB -> "PatchMetric.logProb(" + right + ")";
            case KL -> "PatchMetric.klToClean()";
            case LOSS -> "PatchMetric.loss()";
        };
    }
}
