package org.lens4j.kernel.magic;

import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.kernel.session.LensSession;

/** {@code %next [-k N]}: the likeliest next tokens. */
final class NextMagic implements Command {
    private static final int DEFAULT_TOP = 10;
    private static final Option TOP =
            Option.value("N", "shows N candidates (%d)".formatted(DEFAULT_TOP), "-k", "--top");
    private static final Usage USAGE = Usage.of(
                    "next", "", "Shows the likeliest tokens after the prompt, with probability and logit.")
            .example("%next -k 5")
            .with(TOP)
            .withPrompt();

    private final LensSession lens;

    NextMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        arguments.requireNoWords();
        String top = arguments.javaInteger(TOP, DEFAULT_TOP);
        return arguments.has(Option.PROMPT)
                ? "NextTokens.of(lens.model(), %s, %s)".formatted(Prompted.java(arguments), top)
                : "lens.next(%s)".formatted(top);
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        arguments.requireNoWords();
        NextTokens next =
                NextTokens.of(lens.model(), Prompted.tokens(lens, arguments), arguments.integer(TOP, DEFAULT_TOP));
        return MagicResult.of(next, host.displays().of(next));
    }
}
