package org.lens4j.kernel.magic;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.lens4j.analysis.patching.MetricKind;
import org.lens4j.analysis.patching.PatchMetric;
import org.lens4j.analysis.patching.PatchPairs;
import org.lens4j.analysis.patching.PatchQuestion;
import org.lens4j.analysis.patching.PatchResult;
import org.lens4j.analysis.prompts.PairFile;
import org.lens4j.analysis.prompts.PromptPairs;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.Renderings;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.viz.PatchView;

/** What magics that patch one run with another share: the clean prompt beside a corrupted one, or several pairs. */
final class PairFlags {
    private static final Option CORRUPTED = Option.value(
            "TEXT", "a prompt of as many tokens with another answer; the session's is the clean one", "--corrupted");
    private static final Option PAIRS = Option.value(
                    "FILE|$PAIRS",
                    "several pairs in place of prompts and answers: a .jsonl with clean, corrupted, answer, wrong and perhaps label and positions on each line, or a variable with drawn PromptPairs; of any lengths, but where they differ, positions need names",
                    "--pairs")
            .offering(Offer.Known.FILES);

    private static final Option EACH =
            Option.flag("shows each of several pairs beside the mean and its 95 % interval", "--each");

    static final List<Option> ALL = List.of(CORRUPTED, PAIRS, EACH);

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
        return several(arguments)
                .map(it -> it.as(PromptPairs.class).orElseGet(() -> PairFile.read(lens.model(), Path.of(it.text()))));
    }

    private static String java(Word several) {
        return several.as(PromptPairs.class).isPresent()
                ? several.variable().orElseThrow().name()
                : "PairFile.read(lens.model(), Path.of(%s))".formatted(several.java());
    }

    private static Word corrupted(Arguments arguments) {
        return arguments
                .value(CORRUPTED)
                .orElseThrow(() -> new UsageException(
                        "%%%1$s needs a second prompt: %%%1$s \" Mary\" \" John\" --corrupted \"When Mary and John went to the store, Mary gave a drink to\"."
                                .formatted(arguments.magic())));
    }

    /** What is patched and measured. */
    static PatchQuestion asked(LensSession lens, Arguments arguments) {
        List<MetricKind> kinds = MetricFlags.ofTwoRuns(arguments);
        Optional<PromptPairs> several = several(lens, arguments);
        if (several.isPresent()) {
            return new PatchQuestion.OfPairs(several.get(), kinds);
        }
        List<PatchMetric> metrics = kinds.stream()
                .map(kind -> MetricFlags.metric(kind, arguments, lens.model()))
                .toList();
        return new PatchQuestion.OfBatch(
                PatchPairs.of(Prompted.tokens(lens, arguments), Prompted.tokens(lens, corrupted(arguments))), metrics);
    }

    /**
     * The call that runs a sweep.
     *
     * @param sweep from its first arguments, model, pairs and metrics, to the Java that makes it
     * @param site the Java of the place
     */
    static String java(Arguments arguments, UnaryOperator<String> sweep, String site) {
        Optional<Word> several = several(arguments);
        Optional<String> group = several.map(it -> "group");
        String pairs = group.map("PatchPairs.of(%s)"::formatted).orElseGet(() -> "PatchPairs.of(%s, %s)"
                .formatted(Prompted.java(arguments), Prompted.java(corrupted(arguments))));
        String metrics = MetricFlags.ofTwoRuns(arguments).stream()
                .map(it -> MetricFlags.java(it, arguments, group))
                .collect(Collectors.joining(", "));
        String made = sweep.apply("lens.model(), %s, %s".formatted(pairs, metrics));
        return several.map(it -> "new LengthGroups(%s).run(%s, group -> %s)".formatted(java(it), site, made))
                .orElseGet(() -> "%s.run(%s)".formatted(made, site));
    }

    /** Whether every metric and every pair is shown, and not the first metric's mean alone. */
    private static boolean inFull(Arguments arguments) {
        return arguments.has(EACH) || MetricFlags.ofTwoRuns(arguments).size() > 1;
    }

    /** The Java of what is shown of a result. */
    static String view(String value, Arguments arguments) {
        return view(value, inFull(arguments));
    }

    /** The Java of what is shown of a result, in full or its first metric's mean. */
    static String view(String value, boolean full) {
        return full ? "PatchView.inFull(" + value + ")" : value;
    }

    /** A result, as it is shown. */
    static MagicResult shown(PatchResult result, LensSession lens, Arguments arguments) {
        return shown(result, inFull(arguments), AnswerWords.notes(lens.model(), arguments));
    }

    /** A result in full or its first metric's mean, with more to say. */
    static MagicResult shown(PatchResult result, boolean full, List<String> more) {
        return MagicResult.of(
                result, Renderings.bundle(full ? PatchView.inFull(result, more) : PatchView.of(result, more)));
    }
}
