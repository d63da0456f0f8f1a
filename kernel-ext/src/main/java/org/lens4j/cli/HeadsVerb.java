package org.lens4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.circuits.DetectOptions;
import org.lens4j.analysis.circuits.HeadDetector;
import org.lens4j.analysis.circuits.HeadPattern;
import org.lens4j.analysis.circuits.HeadScores;
import org.lens4j.analysis.circuits.RepeatedTokens;
import org.lens4j.error.RangeException;
import org.lens4j.error.UsageException;
import org.lens4j.model.HookedModel;
import org.lens4j.model.HookedTransformer;
import org.lens4j.text.Tokens;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code lens heads}: what kind of head each head is. */
@Command(
        name = "heads",
        description = "Says how much each head attends as a previous-token, duplicate-token or induction head does,"
                + " on random tokens that come twice, or on a text of yours.%n")
final class HeadsVerb implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before anything is run
    private CommandSpec spec;

    @Mixin
    private ModelWords model = new ModelWords();

    @ArgGroup(multiplicity = "0..1")
    private TokenWords tokens = new TokenWords();

    @Option(
            names = "--detect",
            paramLabel = "KIND",
            defaultValue = "scores",
            description = "previous, duplicate or induction; scores, which is all three, if not given.")
    private String kind = "scores";

    @Option(
            names = "--measure",
            paramLabel = "NAME",
            defaultValue = "attention",
            description = "attention (if not given): paid to the expected tokens by those that have one;"
                    + " mul and abs: TransformerLens's detect_head.")
    private String measure = "attention";

    @Option(names = "--exclude-bos", description = "Attention to the first token counts nothing.")
    private boolean excludeBos;

    @Option(names = "--exclude-current-token", description = "Attention of a token to itself counts nothing.")
    private boolean excludeCurrentToken;

    @Option(
            names = "--rows",
            paramLabel = "N",
            defaultValue = "16",
            description = "How many random texts; ${DEFAULT-VALUE} if not given.")
    private int rows;

    @Option(
            names = "--length",
            paramLabel = "N",
            description = "How many tokens each has; 50, or what the model reads, if not given.")
    private Optional<Integer> length = Optional.empty();

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The same number gives the same tokens; ${DEFAULT-VALUE} if not given.")
    private long seed;

    @Mixin
    private GridWords output = new GridWords();

    HeadsVerb() {}

    @Override
    public Integer call() {
        if (tokens.isGiven()) {
            tokens.check();
        }
        output.check(model);
        if (rows < 1) {
            throw new RangeException("--rows %d gives nothing to read. Use 1 or more.".formatted(rows));
        }
        DetectOptions options = options();
        Optional<HeadPattern> pattern = kind.equals("scores") ? Optional.empty() : Optional.of(HeadPattern.named(kind));
        boolean changed = !options.equals(DetectOptions.defaults().with(DetectOptions.Measure.ATTENTION));
        if (pattern.isEmpty() && changed) {
            throw new UsageException(
                    "--measure and --exclude-… are for one kind of head. Say which: --detect previous, duplicate or induction.");
        }
        try (HookedModel loaded = model.load()) {
            HookedTransformer decoder = ModelWords.decoder(loaded, "heads");
            Tokens input = tokens.isGiven() ? tokens.of(decoder) : random(decoder);
            Grid scores = pattern.map(it -> HeadDetector.detect(decoder, input, it, options))
                    .orElseGet(() -> HeadScores.all(decoder, input));
            output.write(spec.commandLine(), scores, notes(scores, input).toArray(String[]::new));
        }
        return Main.DONE;
    }

    private DetectOptions options() {
        DetectOptions.Measure chosen = DetectOptions.Measure.named(measure);
        DetectOptions options = DetectOptions.defaults().with(chosen);
        options = excludeBos ? options.withoutBos() : options;
        return excludeCurrentToken ? options.withoutCurrentToken() : options;
    }

    private Tokens random(HookedTransformer decoder) {
        return length.map(it -> RepeatedTokens.random(decoder.config(), rows, it, seed))
                .orElseGet(() -> RepeatedTokens.random(decoder.config(), rows, seed));
    }

    /** The best head of each kind, and what was read. */
    private List<String> notes(Grid scores, Tokens input) {
        List<String> notes = new ArrayList<>(HeadScores.best(scores, kind));
        notes.add(
                tokens.isGiven()
                        ? "Read: %d tokens.".formatted(input.batch() * input.pos())
                        : "Read: %d rows of %d random tokens of the whole vocabulary, a block of them twice, seed %d."
                                .formatted(input.batch(), input.pos(), seed));
        return notes;
    }
}
