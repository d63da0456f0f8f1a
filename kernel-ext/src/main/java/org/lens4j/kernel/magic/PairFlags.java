package org.lens4j.kernel.magic;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.lens4j.analysis.patching.PatchMetric;
import org.lens4j.analysis.patching.PatchPairs;
import org.lens4j.analysis.prompts.PairFile;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.session.LensSession;

/** What magics that patch one run with another share: the clean prompt beside a corrupted one, or several pairs. */
final class PairFlags {
    private static final Option CORRUPTED = Option.value(
            "TEXT", "a prompt of as many tokens with another answer; the session's is the clean one", "--corrupted");
    private static final Option PAIRS = Option.value(
            "FILE|$PAIRS",
            "several pairs in place of prompts and answers: a .jsonl with clean, corrupted, answer, wrong and perhaps label on each line, or a variable with drawn PromptPairs",
            "--pairs");

    static final List<Option> ALL = List.of(CORRUPTED, PAIRS);

    private PairFlags() {}

    /** Where pairs with their own answers are, if they are meant. */
    private static Optional<Word> several(Arguments arguments) {
        Optional<Word> word = arguments.value(PAIRS);
        if (word.isPresent() && (arguments.has(CORRUPTED) || !arguments.words().isEmpty())) {
            throw new UsageException("%%%s: --pairs brings its own prompts and answers. Leave out --corrupted and %s."
                    .formatted(arguments.magic(), arguments.words().isEmpty() ? "the answers" : arguments.words()));
        }
        word.filter(it -> it.as(PromptPairs.class).isEmpty() && !isFile(it)).ifPresent(it -> {
            throw new UsageException(
                    "%%%s: --pairs takes a file, or a Java variable with PromptPairs, not \"%s\". Draw some: var pairs = IndirectObjects.standard().pairs(lens.model(), 8, 1); then write --pairs $pairs."
                            .formatted(arguments.magic(), it));
        });
        return word;
    }

    private static boolean isFile(Word word) {
        try {
            return Files.isRegularFile(Path.of(word.text()));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static Optional<PromptPairs> several(LensSession lens, Arguments arguments) {
        return several(arguments).map(it -> it.as(PromptPairs.class)
                .orElseGet(() -> PairFile.readAlike(lens.model(), Path.of(it.text()))));
    }

    private static String java(Word several) {
        return several.as(PromptPairs.class).isPresent()
                ? several.variable().orElseThrow().name()
                : "PairFile.readAlike(lens.model(), Path.of(%s))".formatted(several.java());
    }

    private static Word corrupted(Arguments arguments) {
        return arguments
                .value(CORRUPTED)
                .orElseThrow(() -> new UsageException(
                        "%%%1$s needs a second prompt: %%%1$s \" Mary\" \" John\" --corrupted \"When Mary and John went to the store, Mary gave a drink to\"."
                                .formatted(arguments.magic())));
    }

    /**
     * What is patched and measured.
     *
     * @param metrics at least one
     */
    record Asked(PatchPairs pairs, List<PatchMetric> metrics) {
        Asked {
            metrics = List.copyOf(metrics);
        }
    }

    static Asked asked(LensSession lens, Arguments arguments) {
        Optional<PromptPairs> several = several(lens, arguments);
        List<PatchMetric> metrics = MetricFlags.ofTwoRuns(arguments).stream()
                .map(kind -> several.map(kind::of).orElseGet(() -> MetricFlags.metric(kind, arguments, lens.model())))
                .toList();
        PatchPairs pairs = several.map(PatchPairs::of)
                .orElseGet(() ->
                        PatchPairs.of(Prompted.tokens(lens, arguments), Prompted.tokens(lens, corrupted(arguments))));
        return new Asked(pairs, metrics);
    }

    /** Model, pairs and metrics as the arguments of a call. */
    static String java(Arguments arguments) {
        Optional<String> several = several(arguments).map(PairFlags::java);
        String pairs = several.map("PatchPairs.of(%s)"::formatted).orElseGet(() -> "PatchPairs.of(%s, %s)"
                .formatted(Prompted.java(arguments), Prompted.java(corrupted(arguments))));
        String metrics = MetricFlags.ofTwoRuns(arguments).stream()
                .map(it -> MetricFlags.java(it, arguments, several))
                .collect(Collectors.joining(", "));
        return "lens.model(), %s, %s".formatted(pairs, metrics);
    }
}
