package org.lens4j.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.lens4j.analysis.patching.MetricKind;
import org.lens4j.analysis.patching.PatchPairs;
import org.lens4j.analysis.patching.PatchQuestion;
import org.lens4j.analysis.prompts.PairFile;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedTransformer;
import picocli.CommandLine.Option;

/** Clean prompts beside corrupted ones: a pair in the words, or a file of them. */
final class PairWords {
    @Option(names = "--clean", paramLabel = "TEXT", description = "The prompt with the right answer.")
    private Optional<String> clean = Optional.empty();

    @Option(names = "--corrupted", paramLabel = "TEXT", description = "A prompt of as many tokens with another answer.")
    private Optional<String> corrupted = Optional.empty();

    @Option(
            names = "--answer",
            paramLabel = "TOKEN",
            description = "What follows the clean prompt, one token, mostly with a space in front: ' Mary'.")
    private Optional<String> answer = Optional.empty();

    @Option(names = "--wrong", paramLabel = "TOKEN", description = "What follows the corrupted prompt: ' John'.")
    private Optional<String> wrong = Optional.empty();

    @Option(
            names = "--pairs",
            paramLabel = "FILE",
            description =
                    "Several pairs in place of these four: a .jsonl with clean, corrupted, answer and wrong on each"
                            + " line, and a label if you like. Where they have different numbers of tokens, by-position"
                            + " places need names for positions: \"positions\": {\"giver\": 10, \"end\": -1}.%n"
                            + "Each pair is shown beside the mean and its 95 %% interval.")
    private Optional<Path> file = Optional.empty();

    PairWords() {}

    /**
     * Looks before a model is loaded.
     *
     * @throws UsageException if there is no pair, two kinds of them, or an answer is missing
     */
    void check(List<MetricKind> metrics) {
        boolean words = clean.isPresent() || corrupted.isPresent() || answer.isPresent() || wrong.isPresent();
        if (file.isPresent()) {
            if (words) {
                throw new UsageException(
                        "--pairs %s brings its own prompts and answers. Leave out --clean, --corrupted, --answer and --wrong."
                                .formatted(file.get()));
            }
            return;
        }
        if (clean.isEmpty() || corrupted.isEmpty()) {
            throw new UsageException(
                    "There is no %s. Write --clean TEXT --corrupted TEXT --answer TOKEN --wrong TOKEN, or --pairs FILE."
                            .formatted(clean.isEmpty() ? "clean prompt" : "corrupted prompt"));
        }
        int answers = answer.isEmpty() ? 0 : wrong.isEmpty() ? 1 : 2;
        for (MetricKind metric : metrics) {
            if (answers < metric.answers()) {
                throw new UsageException(
                        "The metric %s needs %s. Give one token each, mostly with a space in front: --answer ' Mary' --wrong ' John'."
                                .formatted(metric.word(), metric.answers() > 1 ? "--answer and --wrong" : "--answer"));
            }
        }
    }

    /** What is odd about the answers in the words: one without a space in front continues no text. */
    List<String> notes(HookedTransformer model) {
        return Stream.of(answer, wrong)
                .flatMap(Optional::stream)
                .flatMap(it -> model.answer(it).note().stream())
                .toList();
    }

    /** The pairs for a model, with metrics of their answers. */
    PatchQuestion of(HookedTransformer model, List<MetricKind> kinds) {
        if (file.isPresent()) {
            return new PatchQuestion.OfPairs(PairFile.read(model, file.get()), kinds);
        }
        return new PatchQuestion.OfBatch(
                PatchPairs.of(model, clean.orElseThrow(), corrupted.orElseThrow()),
                kinds.stream().map(it -> it.of(model, answer, wrong)).toList());
    }
}
