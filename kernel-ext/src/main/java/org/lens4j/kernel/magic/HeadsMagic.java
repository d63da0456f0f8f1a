package org.lens4j.kernel.magic;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.circuits.CompositionScores;
import org.lens4j.analysis.circuits.DetectOptions;
import org.lens4j.analysis.circuits.HeadDetector;
import org.lens4j.analysis.circuits.HeadPattern;
import org.lens4j.analysis.circuits.HeadScores;
import org.lens4j.analysis.circuits.RepeatedTokens;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.Renderings;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.text.Tokens;
import org.lens4j.viz.HeadScoresView;

/** {@code %heads}: what kind of head each head is. */
final class HeadsMagic implements Command {
    private static final int ROWS = 16;
    private static final String ALL = "scores";
    private static final Option DETECT = Option.value(
                    "KIND", "previous, duplicate or induction; scores (if not given) is all three", "--detect")
            .offering(new Offer.OneOf(List.of(ALL, "previous", "duplicate", "induction")));
    private static final Option MEASURE = Option.value(
                    "NAME",
                    "of one kind: attention (if not given), paid to the expected tokens; mul and abs are TransformerLens's",
                    "--measure")
            .offering(new Offer.OneOf(DetectOptions.Measure.words()));
    private static final Option COMPOSITION = Option.value(
                    "INPUT",
                    "q, k or v: from the weights alone, how much of each head's output each later head reads there",
                    "--composition")
            .offering(new Offer.OneOf(List.of("q", "k", "v")));
    private static final Option PROMPT = Option.value(
            "TEXT", "reads this text, whose tokens come twice, in place of random tokens that do", "-p", "--prompt");
    private static final Option SEED = Option.value("N", "draws other random tokens (the session's seed)", "--seed");
    private static final Usage USAGE = Usage.of(
                    "heads",
                    "",
                    "Scores each head as a previous-token, duplicate-token and induction head. Reads random tokens that come twice, or a text.")
            .example("%heads --detect induction")
            .with(DETECT, MEASURE, COMPOSITION, SEED, PROMPT);

    private final LensSession lens;

    HeadsMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    /** Refuses options that have no use beside each other. */
    private static void check(Arguments arguments) {
        arguments.requireNoWords();
        boolean several = kind(arguments).equals(ALL);
        if (several && arguments.has(MEASURE)) {
            throw new UsageException(
                    "%heads: --measure is for one kind of head. Say which: --detect previous, duplicate or induction.");
        }
        List<String> useless = Stream.of(DETECT, MEASURE, PROMPT, SEED)
                .filter(arguments::has)
                .map(it -> it.names().get(0))
                .toList();
        if (arguments.has(COMPOSITION) && !useless.isEmpty()) {
            throw new UsageException("%%heads: --composition looks at the weights alone. Leave out %s."
                    .formatted(String.join(", ", useless)));
        }
        if (arguments.has(PROMPT) && arguments.has(SEED)) {
            throw new UsageException(
                    "%heads: --seed is for random tokens, and -p gives a text. Leave one of the two out.");
        }
        arguments.whole(SEED, 0);
    }

    private static String kind(Arguments arguments) {
        return arguments.choice(DETECT).orElse(ALL);
    }

    private static DetectOptions.Measure measure(Arguments arguments) {
        return arguments.choice(MEASURE).map(DetectOptions.Measure::named).orElse(DetectOptions.Measure.ATTENTION);
    }

    private static Optional<CompositionScores.Through> composition(Arguments arguments) {
        return arguments.choice(COMPOSITION).map(it -> CompositionScores.Through.valueOf(it.toUpperCase(Locale.ROOT)));
    }

    @Override
    public String java(Arguments arguments) {
        check(arguments);
        Optional<CompositionScores.Through> through = composition(arguments);
        if (through.isPresent()) {
            return "CompositionScores.all(lens.model(), CompositionScores.Through.%s)".formatted(through.get());
        }
        String seed = arguments.value(SEED).map(Word::javaLong).orElse("lens.seed()");
        String tokens = arguments
                .value(PROMPT)
                .map(Prompted::java)
                .orElse("RepeatedTokens.random(lens.model().config(), %d, %s)".formatted(ROWS, seed));
        return kind(arguments).equals(ALL)
                ? "HeadScores.all(lens.model(), %s)".formatted(tokens)
                : "HeadDetector.detect(lens.model(), %s, HeadPattern.named(\"%s\"), DetectOptions.defaults().with(DetectOptions.Measure.%s))"
                        .formatted(tokens, kind(arguments), measure(arguments));
    }

    @Override
    public String view(String value, Arguments arguments) {
        return arguments.has(COMPOSITION) ? value : "HeadScoresView.of(" + value + ")";
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        check(arguments);
        Optional<CompositionScores.Through> through = composition(arguments);
        if (through.isPresent()) {
            return MagicResult.of(CompositionScores.all(lens.model(), through.get()));
        }
        long seed = arguments.whole(SEED, lens.seed());
        Tokens tokens = arguments
                .value(PROMPT)
                .map(it -> Prompted.tokens(lens, it))
                .orElseGet(() -> RepeatedTokens.random(lens.model().config(), ROWS, seed));
        String kind = kind(arguments);
        Grid scores = kind.equals(ALL)
                ? HeadScores.all(lens.model(), tokens)
                : HeadDetector.detect(
                        lens.model(),
                        tokens,
                        HeadPattern.named(kind),
                        DetectOptions.defaults().with(measure(arguments)));
        List<String> notes = new ArrayList<>(HeadScores.best(scores, kind));
        notes.add(
                arguments.has(PROMPT)
                        ? "Read: %d tokens.".formatted(tokens.batch() * tokens.pos())
                        : "Read: %d rows of %d random tokens of the whole vocabulary, a block of them twice, seed %d."
                                .formatted(tokens.batch(), tokens.pos(), seed));
        return MagicResult.of(scores, Renderings.noted(HeadScoresView.of(scores), notes));
    }
}
