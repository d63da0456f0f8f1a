package org.lens4j.kernel.magic;

import org.lens4j.error.UsageException;
import org.lens4j.kernel.session.LensSession;
import org.lens4j.text.Tokens;

/** {@code %tokens [TEXT]}: the tokens of the prompt, or of another text. */
final class TokensMagic implements Command {
    private static final Usage USAGE = Usage.of(
                    "tokens",
                    "[TEXT]",
                    "Shows the tokens of the prompt, or of another text, exactly as the model is fed them.")
            .example("%tokens The capital of France is")
            .taking(Usage.Takes.TEXT)
            .withPrompt();

    private final LensSession lens;

    TokensMagic(LensSession lens) {
        this.lens = lens;
    }

    @Override
    public Usage usage() {
        return USAGE;
    }

    @Override
    public String java(Arguments arguments) {
        return hasText(arguments) ? "lens.tokens(" + arguments.text().java() + ")" : Prompted.java(arguments);
    }

    private static boolean hasText(Arguments arguments) {
        boolean text = !arguments.text().text().isEmpty();
        if (text && arguments.has(Option.PROMPT)) {
            throw new UsageException(
                    "%%tokens was given a text and another with -p. Give one: %%tokens %s".formatted(arguments.text()));
        }
        return text;
    }

    @Override
    public MagicResult run(Arguments arguments, Host host) {
        Tokens tokens = hasText(arguments) ? lens.tokens(arguments.text().text()) : Prompted.tokens(lens, arguments);
        return MagicResult.of(tokens, host.displays().of(tokens));
    }
}
