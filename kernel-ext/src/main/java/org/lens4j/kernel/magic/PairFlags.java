package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.lens4j.analysis.patching.MetricKind;
import org.lens4j.analysis.patching.PatchMetric;
import org.lens4j.analysis.patching.PatchPairs;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.session.LensSession;

/** What magics that patch one run with another share: the clean prompt beside a corrupted one, or pairs that were drawn. */
final class PairFlags {
    private static final Option CORRUPTED = Option.value(
            "TEXT", "a prompt of as many tokens with another answer; the session's is the clean one", "--corrupted");
    private static final Option PAIRS =
            Option.value("$PAIRS", "a variable with drawn PromptPairs, in place of prompts and answers", "--pairs");

    static final List<Option> ALL =
            Stream.concat(Stream.of(CORRUPTED, PAIRS), MetricFlags.ALL.stream()).toList();

    private PairFlags() {}

    /** The variable with drawn pairs, if there is one. */
    private static Optional<PromptPairs> drawn(Arguments arguments) {
        Optional<Word> word = arguments.value(PAIRS);
        if (word.isPresent() && (arguments.has(CORRUPTED) || !arguments.words().isEmpty())) {
            throw new UsageException("%%%s: --pairs brings its own prompts and answers. Leave out --corrupted and %s."
                    .formatted(arguments.magic(), arguments.words().isEmpty() ? "the answers" : arguments.words()));
        }
        return word.map(it -> it.as(PromptPairs.class)
                .orElseThrow(() -> new UsageException(
                        "%%%s: --pairs takes a Java variable with PromptPairs, not \"%s\". Draw some: var pairs = IndirectObjects.standard().pairs(lens.model(), 8, 1); then write --pairs $pairs."
                                .formatted(arguments.magic(), it))));
    }

    private static Word corrupted(Arguments arguments) {
        return arguments
                .value(CORRUPTED)
                .orElseThrow(() -> new UsageException(
                        "%%%1$s needs a second prompt: %%%1$s \" Mary\" \" John\" --corrupted \"When Mary and John went to the store, Mary gave a drink to\"."
                                .formatted(arguments.magic())));
    }

    static PatchPairs pairs(LensSession lens, Arguments arguments) {
        return drawn(arguments).map(PatchPairs::of).orElseGet(() -> {
            Word other = corrupted(arguments);
            return PatchPairs.of(Prompted.tokens(lens, arguments), Prompted.tokens(lens, other));
        });
    }

    static PatchMetric metric(LensSession lens, Arguments arguments) {
        MetricKind kind = MetricFlags.ofTwoRuns(arguments);
        return drawn(arguments)
                .map(it -> MetricFlags.metric(kind, it))
                .orElseGet(() -> MetricFlags.metric(kind, arguments, lens.model()));
    }

    /** Model, pairs and metric as the arguments of a call. */
    static String java(Arguments arguments) {
        Optional<String> name = drawn(arguments).map(it -> arguments
                .value(PAIRS)
                .orElseThrow()
                .variable()
                .orElseThrow()
                .name());
        String pairs = name.map("PatchPairs.of(%s)"::formatted).orElseGet(() -> "PatchPairs.of(%s, %s)"
                .formatted(Prompted.java(arguments), Prompted.java(corrupted(arguments))));
        return "lens.model(), %s, %s"
                .formatted(pairs, MetricFlags.java(MetricFlags.ofTwoRuns(arguments), arguments, name));
    }
}
