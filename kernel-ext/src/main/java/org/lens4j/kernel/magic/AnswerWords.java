package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Optional;
import org.lens4j.analysis.patching.MetricKind;
import org.lens4j.analysis.residual.Answers;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;

/** What magics that look at an answer share: {@code ANSWER [WRONG]}, tokens as text, mostly with a space in front. */
final class AnswerWords {
    static final String FORM = "[ANSWER [WRONG]]";

    private AnswerWords() {}

    private static List<Word> words(Arguments arguments) {
        if (arguments.words().size() > 2) {
            throw new UsageException(
                    "%%%s takes an answer and a wrong one to compare it with, and %d words were given: %s. Put quotes around a token with its space: \" Mary\"."
                            .formatted(arguments.magic(), arguments.words().size(), arguments.words()));
        }
        return arguments.words();
    }

    static Optional<Word> answer(Arguments arguments) {
        return words(arguments).stream().findFirst();
    }

    static Optional<Word> wrong(Arguments arguments) {
        return words(arguments).stream().skip(1).findFirst();
    }

    /** What is odd about the answers that are given: a word without a space in front continues no text. */
    static List<String> notes(HookedModel model, Arguments arguments) {
        return words(arguments).stream()
                .flatMap(it -> model.answer(it.text()).note().stream())
                .toList();
    }

    /** The answer tokens of a model. */
    static Answers answers(HookedTransformer model, Arguments arguments) {
        Answers right = Answers.of(model.answer(needed(arguments).text()));
        return wrong(arguments)
                .map(it -> right.against(model.answer(it.text())))
                .orElse(right);
    }

    /** The Java expression for {@link #answers}. */
    static String java(Arguments arguments) {
        String right = "Answers.of(%s)".formatted(java(needed(arguments)));
        return wrong(arguments).map(it -> right + ".against(" + java(it) + ")").orElse(right);
    }

    /** The Java expression for one answer token. */
    static String java(Word word) {
        return "lens.model().answer(" + word.java() + ")";
    }

    static Word needed(Arguments arguments) {
        return answer(arguments)
                .orElseThrow(() -> new UsageException(
                        "%%%1$s needs an answer, one token, mostly with a space in front: %%%1$s \" Mary\". See %%%1$s --help."
                                .formatted(arguments.magic())));
    }

    /** What the library would say when it runs, before anything is run. */
    static void require(MetricKind kind, Arguments arguments, boolean drawn) {
        if (!drawn && words(arguments).size() < kind.answers()) {
            throw kind.missing(words(arguments).isEmpty());
        }
    }
}
