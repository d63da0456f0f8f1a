package org.lens4j.kernel.magic;

import java.util.List;
import org.lens4j.analysis.logits.NextTokens;
import org.lens4j.kernel.session.LensSession;

/** {@code %next [-k N]}: the likeliest next tokens. */
final class NextMagic implements Command {
    private static final int DEFAULT_TOP = 10;
    private static final Option TOP =
            Option.value("N", "shows N candidates (%d)".formatted(DEFAULT_TOP), "-k", "--top");

    private final LensSession lens;

    NextMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public String name() {
        return "next";
    }

    @Override
    public String summary() {
        return "Shows the likeliest tokens after the prompt, with probability and logit.";
    }

    @Override
    public String form() {
        return "";
    }

    @Override
    public String example() {
        return "%next -k 5";
    }

    @Override
    public List<Option> options() {
        return List.of(TOP, Option.PROMPT);
    }

    @Override
    public String java(Arguments arguments) {
        return arguments.has(Option.PROMPT)
                ? "NextTokens.of(lens.model(), %s, %d)".formatted(Prompted.java(arguments), top(arguments))
                : "lens.next(%d)".formatted(top(arguments));
    }

    private static int top(Arguments arguments) {
        return arguments.integer(TOP, DEFAULT_TOP);
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        NoWords.check(name(), arguments);
        NextTokens next = NextTokens.of(lens.model(), Prompted.tokens(lens, arguments), top(arguments));
        return MagicResult.of(next, host.displays().of(next));
    }
}
