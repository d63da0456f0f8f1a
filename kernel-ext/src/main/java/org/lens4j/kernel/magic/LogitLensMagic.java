package org.lens4j.kernel.magic;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.lens4j.analysis.logits.LensNumber;
import org.lens4j.analysis.logits.LensOptions;
import org.lens4j.analysis.logits.LensReading;
import org.lens4j.analysis.logits.LogitLens;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.train.lens.TunedLens;

/** {@code %logitlens}: what the model would say after every layer. */
final class LogitLensMagic implements Command {
    private static final Option TOP =
            Option.value("N", "keeps N candidates for each place (%d)".formatted(LogitLens.DEFAULT_TOP), "-k", "--top");
    private static final Option WHAT = Option.value(
                    "NUMBER",
                    "top (the likeliest tokens, if not given), probability (of --target), entropy, rank (of --target), kl (to the end) or loss",
                    "--what")
            .offering(new Offer.OneOf(LensNumber.words()));
    private static final Option TARGET =
            Option.value("TOKEN", "the token whose rank or probability is followed: \" Mary\"", "--target");
    private static final Option MID = Option.flag("reads between attention and MLP too", "--mid");
    private static final Option TUNED = Option.value(
                    "FILE|$LENS",
                    "reads through a tuned lens: one %train lens gave, or its .safetensors file",
                    "--tuned")
            .offering(Offer.Known.FILES);
    private static final Usage USAGE = Usage.of(
                    "logitlens",
                    "",
                    "Reads the residual stream after every layer as next-token predictions, at every position.")
            .example("%logitlens --what rank --target \" Mary\"")
            .with(TOP, WHAT, TARGET, MID, TUNED)
            .withPrompt();

    private final LensSession lens;

    LogitLensMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    private static LensNumber what(Arguments arguments) {
        arguments.requireNoWords();
        LensNumber what = arguments.choice(WHAT).map(LensNumber::named).orElse(LensNumber.TOP);
        boolean follows = what == LensNumber.RANK || what == LensNumber.PROBABILITY;
        if (what == LensNumber.RANK && !arguments.has(TARGET)) {
            throw new UsageException("%logitlens --what rank needs a token to follow: --target \" Mary\".");
        }
        if (arguments.has(TARGET) && !follows) {
            throw new UsageException(
                    "%logitlens: --target is for --what rank and --what probability. Add one of them, or leave it out.");
        }
        if (arguments.has(TOP) && what != LensNumber.TOP) {
            throw new UsageException(
                    "%%logitlens: -k keeps tokens, and --what %s shows numbers. Leave it out.".formatted(what.word()));
        }
        return what;
    }

    /** Whether the session's own short form does. */
    private static boolean isPlain(Arguments arguments) {
        return !arguments.has(Option.PROMPT) && !arguments.has(WHAT) && !arguments.has(MID) && !arguments.has(TUNED);
    }

    @Override
    public String java(Arguments arguments) {
        LensNumber what = what(arguments);
        String top = arguments.javaInteger(TOP, LogitLens.DEFAULT_TOP);
        if (isPlain(arguments)) {
            return arguments.has(TOP) ? "lens.logitLens(%s)".formatted(top) : "lens.logitLens()";
        }
        StringBuilder options = new StringBuilder("LensOptions.defaults()");
        options.append(arguments.has(TOP) ? ".withTop(" + top + ")" : "");
        options.append(arguments.has(MID) ? ".withMiddles()" : "");
        arguments.value(TARGET).ifPresent(it -> options.append(".withTarget(" + AnswerWords.java(it) + ")"));
        arguments.value(TUNED).ifPresent(it -> options.append(".through(" + java(it) + ")"));
        String reading = "LensReading.of(lens.model(), %s, %s)".formatted(Prompted.java(arguments), options);
        return what == LensNumber.TOP ? reading + ".lens()" : "LensNumber.%s.of(%s)".formatted(what, reading);
    }

    private static String java(Word tuned) {
        return tuned.as(TunedLens.class).isPresent()
                ? tuned.variable().orElseThrow().name()
                : "TunedLens.load(Path.of(%s), lens.model().config())".formatted(tuned.java());
    }

    private TunedLens tuned(Word word) {
        return word.as(TunedLens.class).orElseGet(() -> {
            try {
                return TunedLens.load(Path.of(word.text()), lens.model().config());
            } catch (InvalidPathException e) {
                throw new UsageException("%%logitlens: --tuned takes a file or a variable with a TunedLens, not \"%s\"."
                        .formatted(word));
            }
        });
    }

    private LensOptions options(Arguments arguments) {
        LensOptions options = LensOptions.defaults().withTop(arguments.integer(TOP, LogitLens.DEFAULT_TOP));
        options = arguments.has(MID) ? options.withMiddles() : options;
        if (arguments.has(TARGET)) {
            String token = arguments.value(TARGET).orElseThrow().text();
            options = options.withTarget(lens.model().answer(token));
        }
        return arguments.value(TUNED).map(this::tuned).map(options::through).orElse(options);
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        LensNumber what = what(arguments);
        LensReading reading = LensReading.of(lens.model(), Prompted.tokens(lens, arguments), options(arguments));
        return what == LensNumber.TOP ? MagicResult.of(reading.lens()) : MagicResult.of(what.of(reading));
    }
}
