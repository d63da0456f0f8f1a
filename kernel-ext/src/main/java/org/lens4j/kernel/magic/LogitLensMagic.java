package org.lens4j.kernel.magic;

import java.util.List;
import org.lens4j.analysis.logits.LogitLens;
import org.lens4j.kernel.session.LensSession;

/** {@code %logitlens}: what the model would say after every layer. */
final class LogitLensMagic implements Command {
    private static final Option TOP =
            Option.value("N", "keeps N candidates for each place (%d)".formatted(LogitLens.DEFAULT_TOP), "-k", "--top");

    private final LensSession lens;

    LogitLensMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public String name() {
        return "logitlens";
    }

    @Override
    public String summary() {
        return "Reads the residual stream after every layer as next-token predictions, at every position of the prompt.";
    }

    @Override
    public String form() {
        return "";
    }

    @Override
    public String example() {
        return "%logitlens -k 3";
    }

    @Override
    public List<Option> options() {
        return List.of(TOP, Option.PROMPT);
    }

    @Override
    public String java(Arguments arguments) {
        if (arguments.has(Option.PROMPT)) {
            return "LogitLens.of(lens.model(), %s, %d)".formatted(Prompted.java(arguments), top(arguments));
        }
        return arguments.has(TOP) ? "lens.logitLens(%d)".formatted(top(arguments)) : "lens.logitLens()";
    }

    private static int top(Arguments arguments) {
        return arguments.integer(TOP, LogitLens.DEFAULT_TOP);
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        NoWords.check(name(), arguments);
        LogitLens seen = LogitLens.of(lens.model(), Prompted.tokens(lens, arguments), top(arguments));
        return MagicResult.of(seen, host.displays().of(seen));
    }
}
