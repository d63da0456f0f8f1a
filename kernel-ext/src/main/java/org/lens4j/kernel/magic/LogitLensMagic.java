package org.lens4j.kernel.magic;

import org.lens4j.analysis.logits.LogitLens;
import org.lens4j.kernel.session.LensSession;

/** {@code %logitlens}: what the model would say after every layer. */
final class LogitLensMagic implements Command {
    private static final Option TOP =
            Option.value("N", "keeps N candidates for each place (%d)".formatted(LogitLens.DEFAULT_TOP), "-k", "--top");
    private static final Usage USAGE = Usage.of(
                    "logitlens",
                    "",
                    "Reads the residual stream after every layer as next-token predictions, at every position.")
            .example("%logitlens -k 3")
            .with(TOP)
            .withPrompt();

    private final LensSession lens;

    LogitLensMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        arguments.requireNoWords();
        String top = arguments.javaInteger(TOP, LogitLens.DEFAULT_TOP);
        if (arguments.has(Option.PROMPT)) {
            return "LogitLens.of(lens.model(), %s, %s)".formatted(Prompted.java(arguments), top);
        }
        return arguments.has(TOP) ? "lens.logitLens(%s)".formatted(top) : "lens.logitLens()";
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        arguments.requireNoWords();
        LogitLens seen = LogitLens.of(
                lens.model(), Prompted.tokens(lens, arguments), arguments.integer(TOP, LogitLens.DEFAULT_TOP));
        return MagicResult.of(seen, host.displays().of(seen));
    }
}
