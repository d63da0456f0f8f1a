package org.lens4j.model;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lens4j.error.UnknownNameException;
import org.lens4j.text.AnswerToken;

/**
 * A metric in one word, for the command line: {@code logit_diff(' Mary',' John')}, {@code logit(5)}, {@code log_prob(5)} or
 * {@code loss}.
 *
 * <pre>{@code
 * Metric metric = MetricText.parse("logit(' Mary')").of(model);
 * }</pre>
 *
 * @param name what is measured
 * @param tokens of what: words in quotes, or ids
 */
public record MetricText(String name, List<String> tokens) {
    private static final String TOKEN = "(\\d{1,9}|id:\\d{1,9}|'[^']*'|\"[^\"]*\")";
    private static final Pattern FORM =
            Pattern.compile("\\s*(\\w+)\\s*(?:\\(\\s*%1$s\\s*(?:,\\s*%1$s\\s*)?\\))?\\s*".formatted(TOKEN));

    /** Copies the list. */
    public MetricText {
        tokens = List.copyOf(tokens);
    }

    /**
     * Reads one.
     *
     * @throws UnknownNameException for another one
     */
    public static MetricText parse(String text) {
        Matcher form = FORM.matcher(text);
        if (form.matches()) {
            List<String> tokens = form.group(2) == null
                    ? List.of()
                    : form.group(3) == null ? List.of(form.group(2)) : List.of(form.group(2), form.group(3));
            if (List.of("logit_diff2", "logit1", "log_prob1", "loss0").contains(form.group(1) + tokens.size())) {
                return new MetricText(form.group(1), tokens);
            }
        }
        throw UnknownNameException.of(
                "metric",
                text,
                "this version",
                List.of("logit_diff(' Mary',' John')", "logit(' Mary')", "log_prob(' Mary')", "loss"),
                "Numbers are token ids.");
    }

    /** The metric of a model, which knows the tokens. */
    public Metric of(HookedModel model) {
        List<Long> ids = answers(model).stream().map(AnswerToken::id).toList();
        return switch (name) {
            case "logit_diff" -> Metric.logitDifference(ids.get(0), ids.get(1));
            case "logit" -> Metric.logit(ids.get(0));
            case "log_prob" -> Metric.logProb(ids.get(0));
            default -> Metric.loss();
        };
    }

    /** What a reader should know about the words: one that begins without a space continues no text. */
    public List<String> notes(HookedModel model) {
        return answers(model).stream().flatMap(it -> it.note().stream()).toList();
    }

    private List<AnswerToken> answers(HookedModel model) {
        return tokens.stream()
                .map(it -> it.matches("\\d+")
                        ? AnswerToken.of(Long.parseLong(it))
                        : model.answer(it.startsWith("id:") ? it : it.substring(1, it.length() - 1)))
                .toList();
    }
}
