package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Optional;
import org.lens4j.analysis.patching.MetricKind;
import org.lens4j.error.UsageException;

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
