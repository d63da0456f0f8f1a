package org.lens4j.kernel.magic;

import java.util.List;
import java.util.Optional;
import org.lens4j.analysis.Grid;
import org.lens4j.analysis.logits.LensOptions;
import org.lens4j.analysis.logits.LensReading;
import org.lens4j.error.UsageException;
import org.lens4j.kernel.display.Renderings;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.viz.TokenView;

/** {@code %tokensview}: the prompt with a colour for each token. */
final class TokensViewMagic implements Command {
    private static final String LOSS = "loss";
    private static final Option BY = Option.value(
                    "NUMBER",
                    "loss (if not given): how surprising each token was; entropy: how unsure the model was of the next",
                    "--by")
            .offering(new Offer.OneOf(List.of(LOSS, "entropy")));
    private static final Usage USAGE = Usage.of(
                    "tokensview",
                    "[$RESULT]",
                    "Colours each token of the prompt by how surprising it was to the model. A variable with such a result, or with a grid [pos] or [metric pos], colours its own tokens.")
            .example("%tokensview --by entropy")
            .with(BY)
            .withPrompt();

    private final LensSession lens;

    TokensViewMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    /** The variable with numbers and tokens of its own, if one was given. */
    private static Optional<Word> held(Arguments arguments) {
        if (arguments.words().isEmpty()) {
            return Optional.empty();
        }
        Word word = arguments.words().get(0);
        if (arguments.words().size() > 1 || !isShown(word)) {
            throw new UsageException(
                    "%%tokensview takes one Java variable with a Grid or a LensReading, and was given %s. For another prompt write -p \"…\"."
                            .formatted(arguments.words()));
        }
        if (arguments.has(BY) || arguments.has(Option.PROMPT)) {
            throw new UsageException("%%tokensview: $%s brings its own numbers and tokens. Leave out --by and -p."
                    .formatted(word.variable().orElseThrow().name()));
        }
        return Optional.of(word);
    }

    private static boolean isShown(Word word) {
        return word.as(Grid.class).isPresent() || word.as(LensReading.class).isPresent();
    }

    private static boolean byLoss(Arguments arguments) {
        return arguments.choice(BY).orElse(LOSS).equals(LOSS);
    }

    @Override
    public String java(Arguments arguments) {
        Optional<Word> held = held(arguments);
        if (held.isPresent()) {
            return held.get().variable().orElseThrow().name();
        }
        String reading = "LensReading.of(lens.model(), %s, LensOptions.defaults())".formatted(Prompted.java(arguments));
        return byLoss(arguments)
                ? reading
                : reading + ".entropy().slice(\"component\", lens.model().config().nLayers())";
    }

    @Override
    public String view(String value, Arguments arguments) {
        return "TokenView.of(" + value + ")";
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        Optional<Word> held = held(arguments);
        if (held.isPresent()) {
            Word word = held.get();
            return word.as(Grid.class)
                    .map(TokensViewMagic::shown)
                    .orElseGet(() -> shown(word.as(LensReading.class).orElseThrow()));
        }
        LensReading reading = LensReading.of(lens.model(), Prompted.tokens(lens, arguments), LensOptions.defaults());
        if (byLoss(arguments)) {
            return shown(reading);
        }
        return shown(reading.entropy().slice("component", lens.model().config().nLayers()));
    }

    private static MagicResult shown(LensReading reading) {
        return MagicResult.of(reading, Renderings.bundle(TokenView.of(reading)));
    }

    private static MagicResult shown(Grid grid) {
        return MagicResult.of(grid, Renderings.bundle(TokenView.of(grid)));
    }
}
