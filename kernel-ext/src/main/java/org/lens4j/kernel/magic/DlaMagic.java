package org.lens4j.kernel.magic;

import java.util.OptionalInt;
import org.lens4j.analysis.residual.Answers;
import org.lens4j.analysis.residual.LogitAttribution;
import org.lens4j.kernel.session.LensSession;

/** {@code %dla ANSWER [WRONG]}: which parts of the model make an answer likely. */
final class DlaMagic implements Command {
    private static final Option BY = Option.value(
                    "PART", "layer (if not given), head, neuron, pos or component", "--by")
            .offering(new Offer.OneOf(LogitAttribution.By.words()));
    private static final Option POSITION =
            Option.value("N", "where the answer is given, from 0, or from the end with -1 (the last)", "--position");
    private static final Usage USAGE = Usage.of(
                    "dla",
                    "ANSWER [WRONG]",
                    "Divides the logit of an answer among the parts of the model: direct logit attribution. With a wrong answer, its lead over that.")
            .example("%dla \" Mary\" \" John\" --by head")
            .with(BY, POSITION)
            .withPrompt();

    private final LensSession lens;

    DlaMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    private static LogitAttribution.By by(Arguments arguments) {
        return arguments.choice(BY).map(LogitAttribution.By::named).orElse(LogitAttribution.By.LAYER);
    }

    @Override
    public String java(Arguments arguments) {
        AnswerWords.needed(arguments);
        String part = arguments
                .value(BY)
                .filter(it -> it.variable().isPresent())
                .map(it -> "LogitAttribution.By.named(" + it.java() + ")")
                .orElse("LogitAttribution.By." + by(arguments));
        String at = arguments.has(POSITION) ? ", OptionalInt.of(" + arguments.javaInteger(POSITION, 0) + ")" : "";
        return "LogitAttribution.of(lens.model(), %s, %s, %s%s)"
                .formatted(Prompted.java(arguments), AnswerWords.java(arguments), part, at);
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        Answers answers = AnswerWords.answers(lens.model(), arguments);
        OptionalInt at = arguments.has(POSITION) ? OptionalInt.of(arguments.integer(POSITION, 0)) : OptionalInt.empty();
        LogitAttribution found =
                LogitAttribution.of(lens.model(), Prompted.tokens(lens, arguments), answers, by(arguments), at);
        return MagicResult.of(found);
    }
}
